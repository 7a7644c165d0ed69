"""What objects that are given beside policies tell of a cluster.

Namespaces, pods, nodes and services count as those of a cluster file do; where a file has one of
the same name, the file counts. What is malformed is passed over: the cluster has no such object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from transire.k8s.go_cidr import parse_address
from transire.k8s.json_pointer import inner, items, maps, text
from transire.k8s.manifests import Manifest, Tree
from transire.model.net import MAX_PORT, Address
from transire.queries.cluster_state import ClusterState, NamedPort, Node, Pod

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_OVER = ("Failed", "Succeeded")
"""Phases of a pod that has no address any more."""


def with_objects(cluster: ClusterState, manifests: Iterable[Manifest]) -> ClusterState:
    """The cluster with what these objects tell of it besides."""
    core = [each for each in manifests if each.api_version == "v1"]
    pods, nodes = tuple(_pods(cluster, core)), tuple(_nodes(cluster, core))
    labels = {each.ref.name: _labels(each.body) for each in core if each.ref.kind == "Namespace"}
    services = {ip: each for each in core if each.ref.kind == "Service" for ip in _addresses(each)}
    if not (pods or nodes or labels or services):
        return cluster
    return replace(
        cluster,
        namespace_labels=MappingProxyType({**labels, **cluster.namespace_labels}),
        pods=(*cluster.pods, *pods),
        nodes=(*cluster.nodes, *nodes),
        services=MappingProxyType({ip: _shown(each) for ip, each in services.items()}),
        partial=cluster.partial or not cluster.pods,
    )


def _pods(cluster: ClusterState, core: Iterable[Manifest]) -> Iterator[Pod]:
    taken = {(each.namespace, each.name) for each in cluster.pods}
    held = {ip for each in cluster.pods if not each.host_network for ip in each.ips}
    held |= {each.ip for each in cluster.nodes}
    for manifest in core:
        ref = manifest.ref
        over = text(inner(manifest.body, "status"), "phase") in _OVER
        if ref.kind != "Pod" or not (ref.namespace and ref.name) or over:
            continue
        if (ref.namespace, ref.name) in taken:
            continue
        pod = _pod(manifest)
        taken.add((ref.namespace, ref.name))
        if not pod.host_network:
            pod = replace(pod, ips=tuple(ip for ip in pod.ips if ip not in held))
            held.update(pod.ips)
        yield pod


def _pod(manifest: Manifest) -> Pod:
    spec, status = inner(manifest.body, "spec"), inner(manifest.body, "status")
    written = [text(each, "ip") for _, each in maps(status, "podIPs", "")]
    ips = (parse_address(each) for each in dict.fromkeys([text(status, "podIP"), *written]) if each)
    return Pod(
        namespace=manifest.ref.namespace,
        name=manifest.ref.name,
        labels=_labels(manifest.body),
        ips=tuple(ip for ip in ips if ip is not None),
        named_ports=MappingProxyType(dict(_ports(spec))),
        service_account=text(spec, "serviceAccountName") or "default",
        host_network=spec.get("hostNetwork") is True,
    )


def _ports(spec: Tree) -> Iterator[tuple[str, NamedPort]]:
    for _, container in maps(spec, "containers", ""):
        for _, each in maps(container, "ports", ""):
            name, number = text(each, "name"), each.get("containerPort")
            protocol = text(each, "protocol") or "TCP"
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            if name and 0 < number <= MAX_PORT and protocol in _PROTOCOLS:
                yield name, NamedPort(port=number, protocol=protocol)


def _nodes(cluster: ClusterState, core: Iterable[Manifest]) -> Iterator[Node]:
    """Nodes by address; which reserved names one has from the view of a pod is not known."""
    held = {each.ip for each in cluster.nodes}
    for manifest in core:
        if manifest.ref.kind != "Node":
            continue
        for _, each in maps(inner(manifest.body, "status"), "addresses", ""):
            ip = parse_address(text(each, "address"))
            if ip is not None and ip not in held:
                held.add(ip)
                yield Node(name=manifest.ref.name, ip=ip)


def _addresses(service: Manifest) -> Iterator[Address]:
    spec = inner(service.body, "spec")
    written = [spec.get("clusterIP"), *items(spec, "clusterIPs")]
    for each in dict.fromkeys(found for found in written if isinstance(found, str)):
        ip = parse_address(each)
        if ip is not None:
            yield ip


def _shown(service: Manifest) -> str:
    return f"the service {service.ref.namespace}/{service.ref.name}"


def _labels(body: Tree) -> Mapping[str, str]:
    found = inner(body, "metadata", "labels")
    return MappingProxyType({key: value for key, value in found.items() if isinstance(value, str)})
