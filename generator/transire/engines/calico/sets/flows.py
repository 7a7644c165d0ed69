"""The rules of a world as an exact set of flows, by the same order of tiers as a single verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NoReturn

from transire.engines.calico.objects.domains import host_names
from transire.engines.calico.objects.fields import Icmp, Ports
from transire.engines.calico.objects.rules import (
    AddressGroup,
    CalicoAction,
    CalicoPolicy,
    CalicoRule,
    Entity,
    Tier,
)
from transire.engines.calico.objects.selector import Selector
from transire.engines.calico.sets.pod_sets import pod_set
from transire.engines.calico.verdicts.policy_state import PolicyState
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import NamePatterns
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product, union
from transire.flows.source_pods import Sources
from transire.k8s.unmodelled import Unmodelled

API_SERVER = "kube-apiserver"
"""The reserved identity of the API server's endpoints."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A rule with its policy and the pods that both select."""

    policy: CalicoPolicy
    rule: CalicoRule
    source: PodSet


@dataclass(frozen=True, slots=True)
class Symbols:
    """Turns a world into flows of the pods to judge."""

    world: PolicyState
    sources: Sources
    api_server: PortSet | None
    """The ports of the API server's endpoints, where they are given."""
    namespaces: dict[str, bool] = field(default_factory=dict)

    def flows(self) -> FlowSet:
        """Every flow of those pods that the world allows.

        Raises:
            Unjudgeable: if a rule that they may meet requires something that is not modelled.
        """
        every = PortSet.everything()
        rest = FlowSet.reach(source=self.sources.pods, peer=Peer.everything(), ports=every)
        allowed: list[FlowSet] = []
        for tier in self.world.tiers:
            granted, rest = self._tier(tier, rest)
            allowed += granted
        return FlowSet.union([*allowed, rest])

    def products(self) -> tuple[Product, ...] | None:
        """Products whose union those flows are; None where they are no plain union.

        They are one where the first tier with a policy for any of the pods has one for each of
        them, lets nothing pass, and has no rules but such that allow: then no order counts, and no
        later tier is reached.

        Raises:
            Unjudgeable: as above.
        """
        for tier in self.world.tiers:
            enforced = self._enforced(tier)
            if not enforced:
                continue
            placed = self._placed(enforced)
            left = self.sources.pods - PodSet.union(selected for _, selected in enforced)
            if left or tier.passes or {each.rule.action for each in placed} - {CalicoAction.ALLOW}:
                return None
            return tuple(part for each in placed if each.source for part in self._matched(each))
        return None

    def _enforced(self, tier: Tier) -> list[tuple[CalicoPolicy, PodSet]]:
        """The policies of the tier that concern any of the pods, with those that they select."""
        return [
            (policy, selected)
            for policy in tier.policies
            if not policy.staged
            and self._concerns(policy.namespace)
            and (selected := self.sources.among(pod_set(policy.selector)))
        ]

    def _placed(self, enforced: Iterable[tuple[CalicoPolicy, PodSet]]) -> list[_Placed]:
        """The rules that decide, in their order."""
        return [
            _Placed(policy, rule, selected & self.sources.among(self._senders(policy, rule)))
            for policy, selected in enforced
            for rule in policy.rules
            if rule.action is not CalicoAction.LOG
        ]

    def _tier(self, tier: Tier, arriving: FlowSet) -> tuple[list[FlowSet], FlowSet]:
        """What the tier allows of what arrives, and what goes on to the next tier."""
        enforced = self._enforced(tier)
        governed = PodSet.union(selected for _, selected in enforced)
        mine = arriving.restrict(source=governed)
        onward, allowed = [arriving - mine], []
        for action, run in groupby(self._placed(enforced), key=lambda each: each.rule.action):
            matched = union(part for each in run if each.source for part in self._matched(each))
            if action is CalicoAction.ALLOW:
                allowed.append(mine & matched)
            elif action is CalicoAction.PASS:
                onward.append(mine & matched)
            mine -= matched
        if tier.passes:
            onward.append(mine)
        return allowed, FlowSet.union(onward)

    def _concerns(self, namespace: str) -> bool:
        """Whether any of the pods is in the namespace; every pod is in the empty one."""
        known = self.namespaces.get(namespace)
        if known is None:
            known = self.namespaces[namespace] = self.sources.any_in(namespace)
        return known

    def _senders(self, policy: CalicoPolicy, rule: CalicoRule) -> PodSet:
        entity = rule.source
        if entity.nets or entity.not_nets or entity.ports or entity.not_ports:
            _give_up(policy, f"{rule.pointer}/source", "addresses and ports of pods are not known")
        for selector in (entity.members, entity.excluded):
            if selector is not None and any(each.nets for each in self._groups(selector)):
                why = "it selects a set of addresses, and which pods have them is not known"
                _give_up(policy, f"{rule.pointer}/source", why)
        found = PodSet.everything()
        if entity.members is not None:
            found &= pod_set(entity.members)
        if entity.excluded is not None:
            found -= pod_set(entity.excluded)
        return found

    def _matched(self, placed: _Placed) -> Iterator[Product]:
        """The flows that a rule matches, as a few products."""
        rule, entity = placed.rule, placed.rule.destination
        if rule.entry is not None:
            raise rule.entry.error()
        if rule.api_server:
            if self.api_server is None:
                why = "the port comes from the endpoints of the API server, which are not known"
                _give_up(placed.policy, f"{rule.pointer}/destination/services", why)
            peer, ports = Peer.reserved(API_SERVER), self.api_server & _ports(placed)
            yield Product.reach(source=placed.source, peer=peer, ports=ports)
            return
        ports, addresses = _ports(placed), _addresses(rule)
        for peer, within, hosts in self._ends(entity, allow=rule.action is CalicoAction.ALLOW):
            yield Product.reach(
                source=placed.source,
                peer=peer,
                ports=ports,
                hosts=hosts,
                addresses=_both(addresses, within),
            )

    def _ends(
        self, entity: Entity, *, allow: bool
    ) -> Iterator[tuple[Peer, AddressSet | None, NamePatterns | None]]:
        """Peers, addresses and learnt names that the selectors and domains leave."""
        if entity.domains:
            yield Peer.outside(), None, host_names(entity.domains)
        elif entity.members is not None:
            groups = tuple(self._groups(entity.members))
            yield Peer.pods(pod_set(entity.members)), None, None
            yield Peer.everything(), _held(groups), None
            names = tuple(each for group in groups for each in group.domains)
            if allow and names:
                yield Peer.outside(), None, host_names(names)
        elif entity.excluded is not None:
            selected = Peer.pods(pod_set(entity.excluded))
            yield ~selected, ~_held(tuple(self._groups(entity.excluded))), None
        else:
            yield Peer.everything(), None, None

    def _groups(self, selector: Selector) -> Iterator[AddressGroup]:
        return (each for each in self.world.groups if selector.holds(each.labels))


def _held(groups: Sequence[AddressGroup]) -> AddressSet:
    return AddressSet.nets(net for group in groups for net in group.nets.networks)


def _both(one: AddressSet | None, other: AddressSet | None) -> AddressSet | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _addresses(rule: CalicoRule) -> AddressSet | None:
    """The addresses that family and nets leave; None for all."""
    entity = rule.destination
    found = AddressSet.nets(entity.nets.networks) if entity.nets else None
    if rule.family == 4:  # noqa: PLR2004 - the IP version
        found = _both(found, AddressSet.family(4))
    elif rule.family is not None:
        found = _both(found, AddressSet.family(6))
    if entity.not_nets:
        found = _both(found, ~AddressSet.nets(entity.not_nets.networks))
    return found


def _ports(placed: _Placed) -> PortSet:
    rule, entity = placed.rule, placed.rule.destination
    for ports in (entity.ports, entity.not_ports):
        if ports is not None and ports.names:
            _give_up(placed.policy, rule.pointer, "which pods have the named port is not known")
    found = PortSet.everything()
    if rule.protocol is not None:
        found = PortSet.of_protocol(rule.protocol)
    if rule.not_protocol is not None:
        found -= PortSet.of_protocol(rule.not_protocol)
    if rule.protocol is not None and entity.ports is not None:
        found &= _ranges(rule.protocol, entity.ports)
    if rule.protocol is not None and entity.not_ports is not None:
        found -= _ranges(rule.protocol, entity.not_ports)
    if rule.icmp is not None:
        found &= _icmp(rule.icmp)
    if rule.not_icmp is not None:
        found -= _icmp(rule.not_icmp)
    return found


def _ranges(protocol: int, ports: Ports) -> PortSet:
    return PortSet.union(PortSet.of_port(protocol, *each) for each in ports.ranges)


def _icmp(icmp: Icmp) -> PortSet:
    four = PortSet.of_icmp(4, icmp.type, icmp.code)
    return four | PortSet.of_icmp(6, icmp.type, icmp.code)


def _give_up(policy: CalicoPolicy, key: str, why: str) -> NoReturn:
    raise Unmodelled(object=policy.object, key=key, why=why).error()
