"""What Cilium's policies for one namespace let through, for tests about sets of flows."""

from __future__ import annotations

from typing import Any

from support.engines.case_files import release
from transire.engines.cilium.reading import read
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.manifests import Manifest
from transire.queries.cluster_state import ClusterState, NamedPort, Pod

CLUSTER = ClusterState(
    pods=(
        Pod(
            namespace="shop",
            name="web",
            named_ports={"http": NamedPort(port=8080, protocol="TCP")},
        ),
    )
)
UDP, TCP = Protocol.UDP, Protocol.TCP
SHOP = PodSet.in_namespace("shop")
DNS_PODS = PodSet.in_namespace("kube-system") & PodSet.labels({"k8s-app": "kube-dns"})
EVERY = PortSet.everything()
HTTPS = PortSet.of_port(TCP, 443)
A = HostSet.exact(["a.example.com"])
ALL_NAMES = HostSet.everything() | HostSet.root()


def manifest(spec: dict[str, Any]) -> Manifest:
    """A policy in the namespace shop."""
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": spec,
    }
    return Manifest(source="p.yaml", index=0, body=body)


def asking(*names: str, port: str = "53", protocol: str = "UDP") -> dict[str, Any]:
    """An item that lets the cluster's resolver be asked, for these names alone if there are any."""
    labels = {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}
    ports: dict[str, Any] = {"ports": [{"port": port, "protocol": protocol}]}
    if names:
        ports["rules"] = {"dns": [{"matchPattern": name} for name in names]}
    return {"toEndpoints": [{"matchLabels": labels}], "toPorts": [ports]}


def https(**more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the fields of a port rule
    """The ports of an item, 443 over TCP."""
    return [{"ports": [{"port": "443", "protocol": "TCP"}], **more}]


def flows_of(
    *egress: dict[str, Any],
    minor: int = 19,
    source: PodSet = SHOP,
    more: dict[str, Any] | None = None,
) -> FlowSet:
    """What one policy with these items allows."""
    spec = {"endpointSelector": {}, "egress": list(egress), **(more or {})}
    return read([manifest(spec)], release(f"cilium@1.{minor}"), CLUSTER).flows(source)


def everything(source: PodSet) -> FlowSet:
    """Every flow of these pods."""
    return FlowSet.reach(source=source, peer=Peer.everything(), ports=EVERY)


def lookups(names: HostSet, protocol: Protocol = UDP) -> FlowSet:
    """What an item with DNS rules for these names allows by itself."""
    ports, peer = PortSet.of_port(protocol, 53), Peer.pods(DNS_PODS)
    return FlowSet.connect(source=SHOP, peer=peer, ports=ports) | FlowSet.query(
        source=SHOP, resolver=peer, ports=ports, names=names
    )
