"""Selectors as sets: which pods, nodes and addresses outside they stand for.

Every pod or node that could exist counts: of the own cluster, and in a mesh of any, by the label
that holds its cluster. Of Cilium's
own names, those for the world follow from the address; `kube-apiserver` may stand at any address,
the others at reserved addresses inside the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.fqdn import names_of
from transire.engines.cilium.objects.identity import (
    ACCOUNT,
    ANY,
    CLUSTER,
    K8S,
    NAMESPACE,
    NAMESPACE_LABELS,
    RESERVED,
)
from transire.engines.cilium.objects.rules import EVERYONE, Named, Ranges, Selector
from transire.engines.cilium.objects.selectors import Demand, Labelled
from transire.flows.address_set import AddressSet
from transire.flows.host_set import Names
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet

_API_SERVER = "kube-apiserver"
_INSIDE = frozenset(
    {"host", "remote-node", "health", "ingress", "init", "unmanaged", _API_SERVER}
)  # fmt: skip
"""Names that a reserved address inside the cluster can have."""
_FAMILIES: tuple[Literal[4, 6], ...] = (4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Peers; of those only such addresses, or addresses that were learnt for such names."""

    peer: Peer
    addresses: AddressSet | None = None
    hosts: Names | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Turns the selectors of one agent into sets."""

    agent: Agent
    cluster: str
    mesh: bool = False
    """Whether there are pods of other clusters."""

    def subject(self, chosen: Labelled) -> PodSet:
        """The pods that a policy is for, which are of the own cluster in a mesh, too."""
        return replace(self, mesh=False).pods(chosen)

    def pods(self, chosen: Labelled) -> PodSet:
        """The pods that are selected."""
        found = PodSet.everything()
        for each in chosen.demands:
            found &= self._pods(each)
        return found

    def of(self, selectors: Sequence[Selector]) -> tuple[End, ...]:
        """The ends that any of these selects, as few as possible."""
        return _ends(self, tuple(selectors))

    def _of(self, selectors: Sequence[Selector]) -> Iterator[End]:
        if EVERYONE in selectors:
            yield End(peer=Peer.everything())
            return
        yield from self._labelled([each for each in selectors if isinstance(each, Labelled)])
        ranges = [each for each in selectors if isinstance(each, Ranges)]
        if ranges:
            yield End(peer=Peer.outside(), addresses=_addresses(ranges))
            nodes = [each for each in ranges if each.nodes]
            if nodes:
                peer = Peer.node("host") | Peer.node("remote-node")
                yield End(peer=peer, addresses=_addresses(nodes))
        named = [each.pattern for each in selectors if isinstance(each, Named)]
        if named:
            yield End(peer=Peer.outside(), hosts=names_of(named))

    def _labelled(self, selectors: Sequence[Labelled]) -> Iterator[End]:
        if not selectors:
            return
        inside = [Peer.pods(self.pods(each)) & self._carrying(each) for each in selectors]
        inside += [Peer.node() & _names(each, _INSIDE, ()) for each in selectors]
        outside = {version: self._world(selectors, version) for version in _FAMILIES}
        if outside[4] == outside[6]:
            yield End(peer=Peer.union([*inside, outside[4]]))
            return
        yield End(peer=Peer.union(inside))
        for version, peer in outside.items():
            yield End(peer=peer, addresses=AddressSet.family(version))

    def _world(self, selectors: Iterable[Labelled], version: int) -> Peer:
        world = f"world-ipv{version}" if self.agent.split_world else "world"
        names = frozenset({_API_SERVER})
        return Peer.outside() & Peer.union(_names(each, names, (world,)) for each in selectors)

    def _carrying(self, chosen: Labelled) -> Peer:
        """Pods carry no reserved names; only where the API server is meant, one that did would."""
        reserved = [each for each in chosen.demands if each.source == RESERVED]
        demands = [each for each in reserved if not each.takes(None)]
        return _names(Labelled(tuple(demands)), frozenset({_API_SERVER}), ())

    def _pods(self, demand: Demand) -> PodSet:
        if demand.source not in {ANY, K8S}:
            carried = demand.source == RESERVED and demand.key == _API_SERVER
            return _all_or_none(chosen=carried or demand.takes(None))
        if demand.key == CLUSTER and not self.mesh:
            return _all_or_none(chosen=demand.takes(self.cluster))
        return pods_by_label(demand)


def pods_by_label(demand: Demand) -> PodSet:
    """The pods that meet a demand on a label that Kubernetes gives them."""
    key, values = demand.key, demand.texts
    if key == NAMESPACE:
        return PodSet.namespace(values)
    if key == ACCOUNT:
        return PodSet.account(values)
    if key.startswith(NAMESPACE_LABELS):
        return PodSet.namespace_label(key.removeprefix(NAMESPACE_LABELS), values)
    return PodSet.label(key, values)


@lru_cache(maxsize=512)
def _ends(ends: Ends, selectors: tuple[Selector, ...]) -> tuple[End, ...]:
    """Rules are looked at once for each part of the pods, and mostly have the same few peers."""
    return tuple(ends._of(selectors))  # noqa: SLF001 - the other half of the method


def _all_or_none(*, chosen: bool) -> PodSet:
    return PodSet.everything() if chosen else PodSet.nothing()


def _names(chosen: Labelled, possible: frozenset[str], certain: Sequence[str]) -> Peer:
    """The peers that carry `certain` names and perhaps `possible` ones, and are selected."""
    found = Peer.everything()
    for each in chosen.demands:
        reserved = each.source in {ANY, RESERVED}
        if reserved and each.key in certain:
            with_it = without = each.takes("")
        else:
            without = each.takes(None)
            with_it = each.takes("") if reserved and each.key in possible else without
        if with_it != without:
            carrying = Peer.reserved(each.key)
            found &= carrying if with_it else ~carrying
        elif not with_it:
            return Peer.nothing()
    return found


def _addresses(ranges: Iterable[Ranges]) -> AddressSet:
    return AddressSet.union(
        AddressSet.nets(each.networks) - AddressSet.nets(each.excepts) for each in ranges
    )
