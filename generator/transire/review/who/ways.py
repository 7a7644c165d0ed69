"""The ways to a destination: which pods of which target, by which rule, on which ports.

Read from the values alone, as the proof reads them; `check` shows that objects allow the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from transire.engines.registry import engine_of
from transire.flows.address_set import AddressSet
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.meaning.host_sets import host_set
from transire.meaning.hosts import matches
from transire.meaning.meaning import in_cluster_flows, resolver_flows, rule_flows
from transire.meaning.target import Target, all_targets, targets_without_team
from transire.meaning.world import world
from transire.model.engine import Traits
from transire.model.intent import (
    AddressRange,
    Cluster,
    Destination,
    Entity,
    EntityKind,
    Host,
    Organisation,
    Pods,
    Rule,
)
from transire.model.names import HostPattern
from transire.review.who.lowered import LoweredHosts
from transire.review.who.wanted import (
    Wanted,
    WantedAddresses,
    WantedEntity,
    WantedName,
    WantedPods,
)

IN_CLUSTER = "defaults.inCluster"
RESOLVERS = "dns"
"""Settings of the platform that lead somewhere without a rule."""

_NO_POD = Peer.outside() | Peer.node()

_OTHER_AXES = tuple(
    each
    for each in Axis
    if not (each in {Axis.PROTOCOL, Axis.PORT} or Axis.NAMESPACE <= each <= Axis.ACCOUNT_LABEL)
)
"""All axes but those of source and port."""


class Manner(StrEnum):
    """How a rule leads to what is asked about, on one target."""

    ALLOWED = "allowed"
    """As it is meant."""
    WIDENED = "widened"
    """By what an accepted approximation lets in besides."""
    NARROWED = "narrowed"
    """Meant, and lost by an accepted approximation: the cluster denies it."""
    DELEGATED = "delegated"
    """Through a fallback, which decides: the engine knows no names."""
    BY_RANGE = "by-range"
    """Where the name has an address in a range of the rule, which nobody has looked up here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Some pods of one target, and the rule that leads them to what is asked about.

    `rule` is None where a setting of the platform does, which `setting` names. `by` is the
    destination of the rule that it is, `to` the fallback that a host is delegated to.
    """

    target: Target
    rule: Rule | None
    manner: Manner
    pods: PodSet
    ports: PortSet
    by: Destination | None = None
    to: str = ""
    setting: str = ""

    def __repr__(self) -> str:
        name = self.rule.name if self.rule else self.setting
        return f"<Way {self.target.name}: {name}, {self.manner}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Flows of one destination of a rule that lead to what is asked about."""

    flows: FlowSet
    manner: Manner = Manner.ALLOWED
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finder:
    """Looks for ways on one cluster."""

    wanted: Wanted
    cluster: Cluster
    traits: Traits
    lowered: LoweredHosts
    at: tuple[WantedAddresses, ...]
    world: FlowSet
    """Every flow that can exist on the cluster."""

    def of_target(self, target: Target) -> Iterator[Way]:
        for rule in (*target.rules, *target.everyone):
            for part in _single(rule):
                [destination] = part.destinations
                for found in self._of_part(target, rule, part):
                    for pods, ports in self._parts(found.flows):
                        yield Way(
                            target=target,
                            rule=rule,
                            manner=found.manner,
                            pods=pods,
                            ports=ports,
                            by=destination,
                            to=found.to,
                        )
        for setting, flows in self._by_settings(target):
            for pods, ports in self._parts(flows):
                yield Way(
                    target=target,
                    rule=None,
                    manner=Manner.ALLOWED,
                    pods=pods,
                    ports=ports,
                    setting=setting,
                )

    def _by_settings(self, target: Target) -> Iterator[tuple[str, FlowSet]]:
        """What leads to pods and addresses without a rule: other pods, and the resolvers."""
        match self.wanted.what:
            case WantedPods() as pods:
                if target.team:
                    inside = in_cluster_flows(target, self.traits)
                    yield IN_CLUSTER, inside.restrict(peer=self._pods(pods))
                yield RESOLVERS, resolver_flows(target, self.traits).restrict(peer=self._pods(pods))
            case WantedAddresses() as wanted:
                yield RESOLVERS, self._at(resolver_flows(target, self.traits), wanted)
            case _:
                return

    def _pods(self, wanted: WantedPods) -> Peer:
        """The pods that are meant; in a mesh those of the own cluster, if none is given."""
        pods = PodSet.in_namespace(wanted.namespace) & PodSet.labels(dict(wanted.labels))
        label, mesh = self.traits.cluster_label, self.cluster.mesh
        if mesh is not None and label and label not in wanted.labels:
            pods &= PodSet.labels({label: mesh.name})
        return Peer.pods(pods)

    def _of_part(self, target: Target, rule: Rule, part: Rule) -> Iterator[_Found]:
        [destination] = part.destinations
        match self.wanted.what:
            case WantedName(pattern=pattern):
                yield from self._to_name(target, rule, part, pattern)
            case WantedAddresses() as addresses if self._has_addresses(destination):
                yield self._by_address(target, part, addresses)
            case WantedPods() as pods if isinstance(destination, (Pods, Host)):
                # On an engine without names a host leads to the pods of a proxy.
                flows = rule_flows(target, self.traits, part)
                yield _Found(flows=flows.restrict(peer=self._pods(pods)))
            case WantedEntity(kind=kind) if isinstance(destination, Entity):
                if destination.kind is kind:
                    yield _Found(flows=rule_flows(target, self.traits, part))
            case _:
                return

    def _to_name(
        self, target: Target, rule: Rule, part: Rule, wanted: HostPattern
    ) -> Iterator[_Found]:
        [destination] = part.destinations
        if isinstance(destination, Host):
            yield from self._by_name(target, rule, part, wanted)
        elif self.at and self._has_addresses(destination):
            yield from (self._by_address(target, part, each) for each in self.at)
        elif isinstance(destination, AddressRange):
            flows = rule_flows(target, self.traits, part)
            yield _Found(flows=flows, manner=Manner.BY_RANGE)

    def _has_addresses(self, destination: Destination) -> bool:
        """Whether addresses lead there: not to pods, nor to the API server, which may have any.

        On an engine without names a host leads to a proxy, which may be an address outside.
        """
        match destination:
            case Host():
                return not self.traits.hosts
            case Entity(kind=kind):
                return kind is EntityKind.NODES
            case Pods():
                return False
            case AddressRange():
                return True

    def _by_address(self, target: Target, part: Rule, wanted: WantedAddresses) -> _Found:
        return _Found(flows=self._at(rule_flows(target, self.traits, part), wanted))

    def _by_name(
        self, target: Target, rule: Rule, part: Rule, wanted: HostPattern
    ) -> Iterator[_Found]:
        [host] = part.hosts
        meant = _meets(host.pattern, wanted)
        if not self.traits.hosts or self.lowered.is_delegated(target, rule, host):
            if meant:
                named = replace(self.traits, hosts=True)
                to = self.lowered.fallback(target, rule, host)
                yield _Found(flows=rule_flows(target, named, part), manner=Manner.DELEGATED, to=to)
            return
        became = self.lowered.patterns(target, rule, host)
        got = any(_meets(each, wanted) for each in became)
        if meant or got:
            spelled = became if got else (host.pattern,)
            texts = [each.text for each in spelled]
            flows = rule_flows(target, self.traits, part, {(rule.source, host.pattern.text): texts})
            yield _Found(
                flows=flows.restrict(hosts=host_set(wanted)), manner=_manner(meant=meant, got=got)
            )

    def _at(self, flows: FlowSet, wanted: WantedAddresses) -> FlowSet:
        """The flows to these addresses, but for those to pods, which are known by what they are."""
        addresses = AddressSet.nets([wanted.network])
        return flows.restrict(peer=_NO_POD, addresses=addresses) & self.world

    def _parts(self, flows: FlowSet) -> Iterator[tuple[PodSet, PortSet]]:
        """Which pods have any of the flows, and on which of the ports that are asked about."""
        reached = flows.connections().restrict(ports=self.wanted.ports)
        for box in reached.project_out(*_OTHER_AXES).boxes():
            yield box.source, box.ports


def _single(rule: Rule) -> Iterator[Rule]:
    """The rule once for each of its destinations, with the ports of that one."""
    for part in rule.parts:
        for each in dict.fromkeys(part.destinations):
            yield replace(part, destinations=(each,))


def _manner(*, meant: bool, got: bool) -> Manner:
    if meant and got:
        return Manner.ALLOWED
    return Manner.WIDENED if got else Manner.NARROWED


def _meets(pattern: HostPattern, wanted: HostPattern) -> bool:
    """Whether a pattern stands for a name that is asked about."""
    if "*" not in wanted.text:
        return matches(pattern, wanted.text)
    return bool(host_set(pattern) & host_set(wanted))


def ways_to(
    organisation: Organisation,
    wanted: Wanted,
    clusters: Iterable[Cluster],
    at: Sequence[WantedAddresses] = (),
) -> tuple[Way, ...]:
    """Every way to what is asked about, from these clusters, in a fixed order.

    `at` are the addresses that a name has; without them, rules with ranges are none to a name.

    Raises:
        Rejected: if an engine cannot express a rule that has to be looked at.
        Unjudgeable: if the flows are too intricate to be listed.
    """
    found: list[Way] = []
    for cluster in clusters:
        traits = engine_of(cluster.release).traits(cluster)
        finder = _Finder(
            wanted=wanted,
            cluster=cluster,
            traits=traits,
            world=world(cluster, traits),
            lowered=LoweredHosts(organisation=organisation, cluster=cluster),
            at=tuple(at),
        )
        for target in targets_on(organisation, cluster):
            found += _once(finder.of_target(target))
    return tuple(found)


def _once(ways: Iterable[Way]) -> Iterable[Way]:
    """The ways without repetition: several addresses of a name may lie in one range."""
    seen: dict[tuple[object, ...], Way] = {}
    for each in ways:
        name = each.setting if each.rule is None else each.rule.source
        seen.setdefault((name, each.by, each.manner, str(each.pods), str(each.ports)), each)
    return seen.values()


def targets_on(organisation: Organisation, cluster: Cluster) -> Iterator[Target]:
    """Every enrolled namespace of the cluster, those of no team last."""
    yield from (each for each in all_targets(organisation) if each.cluster.name == cluster.name)
    yield from targets_without_team(organisation, cluster)
