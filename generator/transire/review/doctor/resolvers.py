"""Where pods of a cluster look names up: the pods behind the service, and caches on nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transire.k8s.go_cidr import parse_address
from transire.k8s.json_pointer import inner, items, maps, number, text
from transire.k8s.manifests import Tree
from transire.queries.cluster_state import ClusterState, Pod
from transire.review.doctor.placed import Objects, Placed

SERVICES = ("kube-dns", "dns-default", "coredns", "rke2-coredns-rke2-coredns", "core-dns")
"""Names of the service for names, in the order in which they are looked for."""
_SLICE_OF = "kubernetes.io/service-name"
_LOCAL = re.compile(r"node-?local-?dns|localdns", re.IGNORECASE)
_LOCAL_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_LINK_LOCAL = "169.254."


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """A place where names are looked up: a pod, or an address on each node.

    `port` is that of the pod, which is not that of the service everywhere. `shown_by` are the
    objects that tell of it.
    """

    port: int
    pod: Pod | None = None
    address: str = ""
    service: str = ""
    service_port: int | None = None
    shown_by: tuple[Placed, ...] = ()

    @property
    def query(self) -> str:
        """The place as a question to an engine has it."""
        return f"{self.pod.namespace}/{self.pod.name}" if self.pod else self.address

    @property
    def shown(self) -> str:
        """The place for people."""
        return self.query


def resolvers_of(objects: Objects, state: ClusterState) -> tuple[Resolver, ...]:
    """The resolvers that the objects tell of; caches on nodes first, as pods meet them first."""
    return (*_caches(objects), *_pods(objects, state))


def _pods(objects: Objects, state: ClusterState) -> Iterator[Resolver]:
    for name in SERVICES:
        for service in objects.of("Service"):
            if service.manifest.ref.name == name:
                yield from _behind(service, objects, state)


def _behind(service: Placed, objects: Objects, state: ClusterState) -> Iterator[Resolver]:
    namespace, name = service.manifest.ref.namespace, service.manifest.ref.name
    port = next((each for _, each in maps(inner(service.manifest.body, "spec"), "ports", "")), {})
    selector = inner(service.manifest.body, "spec", "selector")
    slices = [each for each in objects.of("EndpointSlice") if _is_slice(each, namespace, name)]
    for pod in state.pods:
        if pod.namespace != namespace or not selector:
            continue
        if all(pod.labels.get(key) == value for key, value in selector.items()):
            found = _slice_port(slices) or _target_port(port, pod)
            yield Resolver(
                port=found,
                pod=pod,
                service=f"{namespace}/{name}",
                service_port=number(port, "port"),
                shown_by=(service, *slices),
            )


def _is_slice(each: Placed, namespace: str, name: str) -> bool:
    labels = inner(each.manifest.body, "metadata", "labels")
    return each.manifest.ref.namespace == namespace and text(labels, _SLICE_OF) == name


def _slice_port(slices: list[Placed]) -> int | None:
    for each in slices:
        for _, port in maps(each.manifest.body, "ports", ""):
            if text(port, "name").startswith("dns") or len(items(each.manifest.body, "ports")) == 1:
                return number(port, "port")
    return None


def _target_port(port: Tree, pod: Pod) -> int:
    target = port.get("targetPort")
    if isinstance(target, int) and not isinstance(target, bool):
        return target
    named = pod.named_ports.get(target) if isinstance(target, str) else None
    return named.port if named else number(port, "port") or 53


def _caches(objects: Objects) -> Iterator[Resolver]:
    """Addresses on which caches of nodes listen: in their arguments or their configuration."""
    found: dict[str, list[Placed]] = {}
    for each in objects.of("DaemonSet", "ConfigMap", "Pod"):
        if not _LOCAL.search(each.manifest.ref.name):
            continue
        for address in _local_addresses(each.manifest.body):
            found.setdefault(address, []).append(each)
    for address, shown_by in found.items():
        yield Resolver(port=53, address=address, shown_by=tuple(shown_by))


def _local_addresses(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        for each in _LOCAL_IP.findall(tree):
            if each.startswith(_LINK_LOCAL) and parse_address(each):
                yield each
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from _local_addresses(each)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from _local_addresses(each)
