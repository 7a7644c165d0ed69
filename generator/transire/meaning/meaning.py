"""What team and platform wrote for one target, as an exact set of flows.

Written from the values alone: nothing here looks at charts or at what an engine was given. Where
an engine's way to know a destination decides what the words stand for (`Traits`), they stand for
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet, NamePatterns, Names
from transire.flows.peer_set import Peer, ReservedIdentity
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.port_set import Protocol as IpProtocol
from transire.flows.products import Product, union
from transire.flows.text_set import TextSet
from transire.meaning.host_sets import host_names
from transire.meaning.http_sets import method_set, path_set_with_query
from transire.meaning.port_sets import port_set
from transire.meaning.premises.address_ranges import node_ranges, outside_cluster
from transire.meaning.premises.dns_resolvers import dns_resolvers
from transire.meaning.premises.queryable_names import queryable_names
from transire.meaning.source_pods import pods_of
from transire.meaning.target import Target
from transire.model.engine import Traits
from transire.model.intent import (
    AddressRange,
    Cluster,
    Entity,
    EntityKind,
    Host,
    InCluster,
    Pods,
    ProxyFallback,
    Rule,
)
from transire.model.names import HostPattern

HTTPS = 443
"""The one port whose TLS server names are checked where the cluster hardens them."""

_HTTPS_PORT = PortSet.of_port(IpProtocol.TCP, HTTPS)

_ALL_NAMES = HostSet.everything() | HostSet.root()

_DNS_PROTOCOLS = (IpProtocol.UDP, IpProtocol.TCP)


Delegations = AbstractSet[tuple[str, str]]
"""Hosts that are delegated, by the source of their rule and their own spelling."""

Spelling = Mapping[tuple[str, str], Sequence[str]]
"""The patterns that stand for a host, by the source of its rule and its own spelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a target is meant to allow, and the flows that are somebody else's to judge."""

    allowed: FlowSet
    delegated: tuple[tuple[str, str], ...]
    """Rule and host of everything that a fallback decides."""


def meaning(
    target: Target,
    traits: Traits,
    became: Spelling | None = None,
    *,
    delegated: Delegations = frozenset(),
    baseline_only: bool = False,
) -> Meaning:
    """What the target's rules, those for everyone, the DNS profile and the defaults allow.

    The flows are those of the pods of the target's namespace, and do not name it.

    `traits` are those of the cluster's engine.
    `became` maps a rule's source and a host to what an accepted approximation made of it, so that
    the approximated meaning can be compared exactly too. `delegated` holds what is delegated to the
    cluster's proxy although the engine matches names: hosts that it cannot express.
    `baseline_only` is for a namespace that
    no team publishes to: it gets the rules for everyone, with the way to the resolvers where there
    is such a rule, and nothing else.
    """
    author = _Author(
        target=target,
        traits=traits,
        became=became or {},
        left=delegated,
        baseline_only=baseline_only,
    )
    plain = union(author.flows()) - union(author.withheld())
    return Meaning(
        allowed=plain | union(author.queries()),
        delegated=tuple(sorted(author.delegated())),
    )


def meant_products(
    target: Target,
    traits: Traits,
    became: Spelling | None = None,
    *,
    delegated: Delegations = frozenset(),
    baseline_only: bool = False,
) -> tuple[Product, ...] | None:
    """Products whose union `meaning` allows; None where something is withheld from them.

    The arguments are as above.
    """
    author = _Author(
        target=target,
        traits=traits,
        became=became or {},
        left=delegated,
        baseline_only=baseline_only,
    )
    if any(author.withheld()):
        return None
    return (*author.flows(), *author.queries())


def rule_flows(
    target: Target,
    traits: Traits,
    rule: Rule,
    became: Spelling | None = None,
    delegated: Delegations = frozenset(),
) -> FlowSet:
    """What one rule allows the pods of a target, by itself; the other arguments are as above."""
    author = _Author(target=target, traits=traits, became=became or {}, left=delegated)
    return union(author.rule(rule))


def in_cluster_flows(target: Target, traits: Traits) -> FlowSet:
    """What the platform's default lets the pods of a target reach inside the cluster."""
    author = _Author(target=target, traits=traits)
    return union(author.in_cluster())


def resolver_flows(target: Target, traits: Traits) -> FlowSet:
    """The connections to resolvers and the queries there that a target's pods need for names."""
    author = _Author(target=target, traits=traits, baseline_only=not target.team)
    return union(author.queries())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Author:
    """Gives each part of one target as products."""

    target: Target
    traits: Traits
    became: Spelling = field(default_factory=dict)
    left: Delegations = frozenset()
    baseline_only: bool = False

    @property
    def cluster(self) -> Cluster:
        return self.target.cluster

    @property
    def _by_address(self) -> Peer:
        """What an address can stand for."""
        return Peer.outside() if self.traits.by_identity else Peer.everything()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*self.target.rules, *self.target.everyone)

    def flows(self) -> Iterator[Product]:
        if not self.baseline_only:
            yield from self.in_cluster()
        for rule in self.rules:
            yield from self.rule(rule)

    def delegated(self) -> Iterator[tuple[str, str]]:
        for rule in self.rules:
            for host in rule.hosts:
                if self._is_left(rule, host):
                    yield rule.name, host.pattern.text

    def _is_left(self, rule: Rule, host: Host) -> bool:
        return not self.traits.hosts or (rule.source, host.pattern.text) in self.left

    def _delegating(self, rule: Rule) -> Rule:
        """The rule with the way to the cluster's proxy in place of the hosts that go there."""
        fallback = self.cluster.fallback
        if not isinstance(fallback, ProxyFallback):
            return rule
        left = {each.pattern.text for each in rule.hosts if self._is_left(rule, each)}
        return rule.through(fallback, left)

    def queries(self) -> Iterator[Product]:
        """The way to the resolvers, and the names that may be queried there."""
        for source, names in self._dns_clients():
            for peer, addresses, ports in self._resolvers():
                yield Product.connect(source=source, peer=peer, ports=ports, addresses=addresses)
                yield Product.query(
                    source=source, resolver=peer, ports=ports, addresses=addresses, names=names
                )

    def withheld(self) -> Iterator[Product]:
        """Queries that `dns.restrict` takes away, whatever other rule reaches the resolvers."""
        if self.cluster.dns.restrict:
            for peer, addresses, ports in self._resolvers():
                yield Product.query(
                    source=PodSet.everything(),
                    resolver=peer,
                    ports=ports,
                    addresses=addresses,
                    names=_ALL_NAMES,
                )

    def _dns_clients(self) -> Iterator[tuple[PodSet, Names]]:
        if self.baseline_only and not self.rules:
            return
        if not self.cluster.dns.restrict:
            yield PodSet.everything(), _ALL_NAMES
            return
        for each in queryable_names(self.rules, self.cluster, (self.target.namespace,)):
            names = host_names(
                spelled
                for name in each.names
                for spelled in self._spellings(name.rule.source if name.rule else "", name.pattern)
            )
            yield pods_of((each.selector,)), names

    def _resolvers(self) -> Iterator[tuple[Peer, AddressSet | None, PortSet]]:
        ways = dns_resolvers(self.cluster)
        ports = PortSet.union(PortSet.of_port(each, ways.port) for each in _DNS_PROTOCOLS)
        for each in ways.pods:
            yield self._pods(each), None, ports
        if ways.addresses:
            yield self._by_address, AddressSet.nets(ways.addresses), ports
            if self.traits.ranges_match_nodes:
                yield (
                    Peer.node(ReservedIdentity.REMOTE_NODE),
                    AddressSet.nets(ways.addresses),
                    ports,
                )
        if ways.on_node and self.traits.by_identity:
            yield Peer.node("host"), None, ports

    def in_cluster(self) -> Iterator[Product]:
        """What the platform's default lets every pod reach inside."""
        match self.target.platform.in_cluster:
            case InCluster.DECLARED:
                return
            case InCluster.SAME_NAMESPACE:
                peer = self._pods(Pods(namespace=self.target.namespace))
            case InCluster.ALL:
                peer = self._pods(Pods())
        every = PortSet.everything()
        yield Product.reach(source=PodSet.everything(), peer=peer, ports=every)

    def _pods(self, pods: Pods) -> Peer:
        """Pods of the cluster that is meant: another one of the mesh, or the target's own."""
        mesh, label = self.cluster.mesh, self.traits.cluster_label
        if mesh is None or not label:
            return Peer.nothing() if pods.cluster else Peer.pods(_selected(pods))
        there = PodSet.label(label, TextSet.of([pods.cluster or mesh.name]))
        return Peer.pods(_selected(pods) & there)

    def rule(self, rule: Rule) -> Iterator[Product]:
        """What one rule allows."""
        for part in self._delegating(rule).parts:
            yield from self._part(part)

    def _part(self, rule: Rule) -> Iterator[Product]:
        source, ports = pods_of(rule.sources), port_set(rule.ports)
        if rule.hosts:
            yield from self._hosts(rule, source, ports)
        for each in rule.destinations:
            match each:
                case Host():
                    continue
                case AddressRange(cidr=cidr):
                    meant = outside_cluster(cidr, self.cluster, self.traits)
                    addresses = AddressSet.nets([meant.cidr]) - AddressSet.nets(meant.without)
                    yield Product.reach(
                        source=source, peer=self._by_address, ports=ports, addresses=addresses
                    )
                case Pods():
                    yield Product.reach(source=source, peer=self._pods(each), ports=ports)
                case Entity(kind=kind):
                    yield from self._entity(kind, source, ports)

    def _hosts(self, rule: Rule, source: PodSet, ports: PortSet) -> Iterator[Product]:
        if not self.traits.hosts:
            return
        hosts = self._names(rule, rule.hosts)
        if rule.http is not None:
            yield Product.connect(
                source=source,
                peer=Peer.outside(),
                ports=ports,
                hosts=hosts,
                http=Http(method=method_set(rule.http), path=path_set_with_query(rule.http)),
            )
            return
        checks = self.cluster.server_names and rule.server_names
        hardened = ports & _HTTPS_PORT if checks else PortSet.nothing()
        outside_world = Peer.outside()
        yield Product.reach(source=source, peer=outside_world, ports=ports - hardened, hosts=hosts)
        strict, loose = (self._names(rule, some) for some in self._by_server_name(rule))
        yield Product.connect(
            source=source, peer=outside_world, ports=hardened, hosts=strict, server_names=strict
        )
        yield Product.reach(source=source, peer=outside_world, ports=hardened, hosts=loose)

    def _by_server_name(self, rule: Rule) -> tuple[list[Host], list[Host]]:
        """The hosts whose server names can be checked, and those that the cluster leaves open."""
        optional, kinds = self.cluster.server_names_optional, self.traits.server_name_kinds
        strict, loose = list[Host](), list[Host]()
        for host in rule.hosts:
            written = not optional or host.pattern.kind in kinds
            (strict if written else loose).append(host)
        return strict, loose

    def _names(self, rule: Rule, hosts: Iterable[Host]) -> NamePatterns:
        return host_names(
            spelled for each in hosts for spelled in self._spellings(rule.source, each.pattern)
        )

    def _entity(self, kind: EntityKind, source: PodSet, ports: PortSet) -> Iterator[Product]:
        match kind:
            case EntityKind.KUBE_APISERVER:
                # By address it is reached by its service, whose port is that of its endpoints.
                meant = ports if self.traits.by_identity else api_server_ports(self.target)
                peer = Peer.reserved(ReservedIdentity.KUBE_APISERVER)
                yield Product.reach(source=source, peer=peer, ports=meant)
            case EntityKind.INGRESS:
                yield Product.reach(
                    source=source, peer=Peer.node(ReservedIdentity.INGRESS), ports=ports
                )
            case EntityKind.NODES if self.traits.by_identity:
                for identity in (ReservedIdentity.HOST, ReservedIdentity.REMOTE_NODE):
                    yield Product.reach(source=source, peer=Peer.node(identity), ports=ports)
            case EntityKind.NODES:
                for each in node_ranges(self.cluster):
                    addresses = AddressSet.nets([each.cidr]) - AddressSet.nets(each.without)
                    yield Product.reach(
                        source=source, peer=Peer.everything(), ports=ports, addresses=addresses
                    )

    def _spellings(self, source: str, pattern: HostPattern) -> Sequence[HostPattern]:
        spelled = self.became.get((source, pattern.text))
        return [pattern] if spelled is None else [HostPattern.parse(each) for each in spelled]


def api_server_ports(target: Target) -> PortSet:
    """The ports of the API server that the target's rules and those for everyone allow."""
    return PortSet.union(
        port_set(part.ports)
        for rule in (*target.rules, *target.everyone)
        for part in rule.parts
        if any(each.kind is EntityKind.KUBE_APISERVER for each in part.entities)
    )


def _selected(pods: Pods) -> PodSet:
    """The pods in whatever cluster."""
    found = PodSet.in_namespace(pods.namespace) if pods.namespace else PodSet.everything()
    for key, value in pods.namespace_labels:
        found &= PodSet.namespace_label(key, TextSet.of([value]))
    return found & PodSet.labels(dict(pods.labels))
