"""NetworkPolicies as an exact set of flows, from the same parsed rules as a single verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.products import Product
from transire.flows.source_pods import Sources
from transire.k8s.networkpolicy import EgressRule, NetworkPolicy, PolicyPeer, PolicyPort
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import MAX_PORT


def policy_flows(policies: Sequence[NetworkPolicy], sources: Sources) -> FlowSet:
    """What these pods may reach: everything where no policy selects them, else what rules allow.

    Raises:
        Unjudgeable: if a rule that concerns them names a port by its name, since which pods have
            such a port is not known.
    """
    selecting = _selecting(policies, sources)
    free = sources.pods - PodSet.union(pods for _, pods in selecting)
    every = FlowSet.reach(source=free, peer=Peer.everything(), ports=PortSet.everything())
    return FlowSet.union([every, *(each.flows() for each in _ruled(selecting))])


def policy_products(
    policies: Sequence[NetworkPolicy], sources: Sources
) -> tuple[Product, ...] | None:
    """Products whose union those flows are, where a policy selects each of the pods; else None.

    Raises:
        Unjudgeable: as above.
    """
    selecting = _selecting(policies, sources)
    if sources.pods - PodSet.union(pods for _, pods in selecting):
        return None
    return tuple(_ruled(selecting))


_Selecting = list[tuple[NetworkPolicy, PodSet]]


def _selecting(policies: Sequence[NetworkPolicy], sources: Sources) -> _Selecting:
    """The policies that govern what any of the pods sends, with those that they select."""
    return [
        (policy, pods)
        for policy in policies
        if "Egress" in policy.types and (pods := sources.among(_selected(policy)))
    ]


def _ruled(selecting: _Selecting) -> Iterator[Product]:
    for policy, pods in selecting:
        for place, rule in enumerate(policy.egress):
            yield from _Rule(policy, place, rule, pods).products()


def _selected(policy: NetworkPolicy) -> PodSet:
    return PodSet.in_namespace(policy.object.namespace) & policy.pods.pods()


@dataclass(frozen=True, slots=True)
class _Rule:
    policy: NetworkPolicy
    place: int
    rule: EgressRule
    source: PodSet

    def products(self) -> Iterator[Product]:
        """What the rule allows, one product for each kind of peer."""
        ports = self._ports()
        if not self.rule.peers:
            yield Product.reach(source=self.source, peer=Peer.everything(), ports=ports)
            return
        blocks = [each.block for each in self.rule.peers if each.block is not None]
        addresses = AddressSet.union(
            AddressSet.nets([each.cidr]) - AddressSet.nets(each.excepts) for each in blocks
        )
        pods = PodSet.union(self._pods(each) for each in self.rule.peers if each.block is None)
        yield Product.reach(
            source=self.source, peer=Peer.everything(), ports=ports, addresses=addresses
        )
        yield Product.reach(source=self.source, peer=Peer.pods(pods), ports=ports)

    def _pods(self, peer: PolicyPeer) -> PodSet:
        if peer.namespaces is None:
            inside = PodSet.in_namespace(self.policy.object.namespace)
        else:
            inside = peer.namespaces.pods_of_namespaces()
        return inside if peer.pods is None else inside & peer.pods.pods()

    def _ports(self) -> PortSet:
        if not self.rule.ports:
            return PortSet.everything()
        return PortSet.union(self._port(place, each) for place, each in enumerate(self.rule.ports))

    def _port(self, place: int, port: PolicyPort) -> PortSet:
        if port.name:
            why = f"which pods have a port named {port.name} is not known"
            key = f"/spec/egress/{self.place}/ports/{place}"
            raise Unmodelled(object=self.policy.object, key=key, why=why).error()
        protocol = Protocol[port.protocol]
        if (port.first, port.last) == (1, MAX_PORT):
            return PortSet.of_protocol(protocol)
        return PortSet.of_port(protocol, port.first, port.last)
