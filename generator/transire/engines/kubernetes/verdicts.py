"""Whether one egress rule of a NetworkPolicy allows one destination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from transire.k8s.networkpolicy import EgressRule, IPBlock, PolicyPeer, PolicyPort
from transire.model.net import Address
from transire.queries.cluster_state import ClusterState, NamedPort
from transire.queries.directory import Place

METADATA_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes itself puts on every namespace."""


class Extent(Enum):
    """How far a rule allows something; only the first two are true."""

    YES = "yes"
    BY_BLOCK = "by an address range"
    OPEN = "it depends on something unknown"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A destination as peers see it; without `namespace` it is no pod."""

    ip: Address | None = None
    namespace: str | None = None
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str]
    named_ports: Mapping[str, NamedPort] | None = None
    is_inside: bool = False
    """Whether the address is that of a pod or a node."""

    @classmethod
    def of(cls, place: Place, cluster: ClusterState) -> Destination:
        """What a place is to a peer."""
        pod = place.pod
        if pod is None:
            return cls(
                ip=place.ip, labels={}, namespace_labels={}, is_inside=place.node is not None
            )
        return cls(
            ip=place.ip,
            namespace=pod.namespace,
            labels=pod.labels,
            namespace_labels=namespace_labels(cluster, pod.namespace),
            named_ports=None if place.described else pod.named_ports,
            is_inside=True,
        )


def namespace_labels(cluster: ClusterState, name: str) -> Mapping[str, str]:
    """The labels of a namespace, the one that Kubernetes adds included."""
    return {METADATA_NAME: name, **cluster.namespace_labels.get(name, {})}


def rule_extent(
    rule: EgressRule, to: Destination, protocol: str, port: int, *, namespace: str
) -> Extent:
    """How far the rule of a policy in `namespace` allows the destination."""
    ports = _any_port(rule.ports, to, protocol, port)
    if ports is False:
        return Extent.NO
    peers = _any_peer(rule.peers, to, namespace)
    if peers is Extent.NO:
        return Extent.NO
    return Extent.OPEN if ports is None else peers


def _any_port(
    ports: tuple[PolicyPort, ...], to: Destination, protocol: str, port: int
) -> bool | None:
    """A port list that is empty allows every port; a name stands for the destination's own."""
    if not ports:
        return True
    found: bool | None = False
    for each in ports:
        if each.protocol != protocol:
            continue
        if not each.name:
            if each.first <= port <= each.last:
                return True
        elif to.namespace is not None:
            if to.named_ports is None:
                found = None
            elif to.named_ports.get(each.name) == NamedPort(port=port, protocol=protocol):
                return True
    return found


def _any_peer(peers: tuple[PolicyPeer, ...], to: Destination, namespace: str) -> Extent:
    if not peers:
        return Extent.YES
    found = Extent.NO
    for peer in peers:
        if peer.block is None:
            if _is_selected(peer, to, namespace):
                return Extent.YES
        elif to.ip is None:
            found = Extent.OPEN if found is Extent.NO else found
        elif _covers(peer.block, to.ip):
            found = Extent.BY_BLOCK
    return found


def _covers(block: IPBlock, ip: Address) -> bool:
    return ip in block.cidr and not any(ip in each for each in block.excepts)


def _is_selected(peer: PolicyPeer, to: Destination, namespace: str) -> bool:
    if to.namespace is None:
        return False
    if peer.namespaces is None:
        inside = to.namespace == namespace
    else:
        inside = peer.namespaces.matches(to.namespace_labels)
    return inside and (peer.pods is None or peer.pods.matches(to.labels))
