"""Rules, of teams and for everyone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from transire.model.intent import (
    AddressRange,
    Approximation,
    Destination,
    Entity,
    EntityKind,
    Host,
    Pods,
    Rule,
)
from transire.model.net import Network, PortRange, merge_networks, merge_ports, network_key
from transire.model.pod_selector import EVERY_POD
from transire.model.problems import Position
from transire.model.scoped import Place, Scoped
from transire.model.waiver import inline
from transire.values import proposals
from transire.values.ends import end
from transire.values.guardrails.fixed import unknown_bundle
from transire.values.http_requests import check_requests, requests
from transire.values.mapping_reader import Fields, each
from transire.values.pod_sources import sources
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.references import References, check_reference
from transire.values.rule_places import ScopeReader
from transire.values.scalars import (
    choice,
    cidr,
    flag,
    host,
    labels,
    line,
    name,
    port,
)
from transire.values.written_ports import repeated_names, written_ports
from transire.yamlio import Node, ScalarNode, SequenceNode

_NO_NETWORK = "declare it in networks of values/platform.yaml, or take it out here"

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes keeps on every namespace."""

_UNREAD = Pods(namespace="unread")
"""Stands for what a rule reaches where nothing of it could be read."""


def ports(node: Node, collector: ProblemCollector) -> tuple[PortRange, ...]:
    """A list of ports, merged.

    Raises:
        Misfit: if the node is no list.
    """
    return merge_ports(each(port)(node, collector))


def networks(node: Node, collector: ProblemCollector) -> tuple[Network, ...]:
    """A list of ranges, merged.

    Raises:
        Misfit: if the node is no list.
    """
    return merge_networks(each(cidr)(node, collector))


def approximations(node: Node, collector: ProblemCollector) -> frozenset[Approximation]:
    """One consent or a list of them.

    Raises:
        Misfit: for anything else.
    """
    make = choice(Approximation)
    if isinstance(node, SequenceNode):
        return frozenset(each(make)(node, collector))
    return frozenset({make(node, collector)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReader:
    """Where rules stand: what they may refer to, and how provenance calls them."""

    references: References
    source: str
    places: tuple[Place, ...] | None = None
    """The targets, or clusters, in which the rules may hold; None where they are not known."""
    everyone: bool = False

    def rules(self, node: Node, collector: ProblemCollector) -> tuple[Rule, ...]:
        """The rules of a list, sorted by name; a rule with a misfit is left out.

        Raises:
            Misfit: if the node is no list.
        """
        if not isinstance(node, SequenceNode):
            raise Misfit
        found: list[Rule] = []
        first: dict[str, Position] = {}
        for item in node.items:
            with collector:
                _check_unique(item, first, collector)
            with collector:
                found.append(self._rule(item, collector))
        return tuple(sorted(found, key=lambda rule: rule.name))

    def _rule(self, node: Node, collector: ProblemCollector) -> Rule:
        misfits = collector.misfits
        fields = Fields.of(node, collector)
        scopes = ScopeReader(references=self.references, places=self.places, everyone=self.everyone)
        called = fields.need("name", name, "")
        own = fields.get("to", each(self._destinations), ())
        bundles = fields.get("bundles", each(self._bundle), ())
        allowed = fields.get("ports", ports, self.references.ports)
        scope = Scoped()
        with collector:
            scope = scopes.scope(fields, collector)
        reason = fields.get("reason", line, "")
        ticket = fields.get("ticket", line, "")
        expires = fields.get("expires", end, None)
        workloads = fields.get("from", sources, EVERY_POD)
        approximate = fields.get("approximate", approximations, frozenset())
        checked = True
        with collector:
            checked = _server_names(fields, ticket, collector)
        written = tuple(one for several in own for one in several)
        reached = tuple(canonical((*written, *self._vetted(bundles, collector))))
        apart = bool(reached) and all(one.ports for one in reached)
        if apart:
            with collector:
                self._refuse_unused_ports(fields, collector)
        asked = requests(fields)
        listed_ports = tuple(written_ports(fields))
        usual = () if apart or fields.entry("ports") else self.references.ports
        check_requests(fields, reached, listed_ports, usual, collector)
        is_whole = collector.misfits == misfits and bool(reached) and bool(allowed)
        rule = Rule(
            name=called,
            reason=reason,
            destinations=reached or (_UNREAD,),
            ports=() if apart else allowed or self.references.ports,
            source=self.source + called,
            sources=workloads,
            ticket=ticket,
            expires=expires,
            bundles=tuple(sorted(set(bundles))),
            environments=scope.environments,
            clusters=scope.clusters,
            namespaces=scope.namespaces,
            server_names=checked,
            http=asked.http,
            tls=asked.tls if asked.http is not None else None,
            approximate=approximate,
            listed=written,
            written_ports=listed_ports,
            repeated=tuple(repeated_names(fields)),
            at=fields.at,
            keys_at=tuple((key, entry.value.at) for key, entry in fields.node.entries.items()),
        )
        if not is_whole:
            collector.keep(_readable(rule, fields))
            raise Misfit
        return rule

    def _refuse_unused_ports(self, fields: Fields, collector: ProblemCollector) -> None:
        entry = fields.entry("ports")
        if entry is not None:
            raise collector.refuse(
                entry.key.at,
                "unused-ports",
                "the ports of the rule hold for nothing: every destination has ports of its own",
                "remove ports from the rule",
            )

    def _destinations(self, node: Node, collector: ProblemCollector) -> tuple[Destination, ...]:
        """One destination, or the ranges of a known network.

        Raises:
            Misfit: for anything else.
        """
        fields = None if isinstance(node, ScalarNode) else Fields.of(node, collector)
        if fields is None or not fields.entry("network"):
            return (destination(node, collector),)
        misfits = collector.misfits
        called = fields.need("network", self._network, "")
        own = fields.get("ports", ports, ())
        collector.stop_after(misfits)
        known = (self.references.networks or {}).get(called)
        if known is None:
            raise Misfit
        return tuple(
            AddressRange(cidr=one, network=called, ports=own, at=fields.at) for one in known.cidrs
        )

    def _network(self, node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        known = self.references.networks
        check_reference("network", called, known, node.at, collector, otherwise=_NO_NETWORK)
        return called

    def _vetted(
        self, bundles: tuple[str, ...], collector: ProblemCollector
    ) -> Iterator[Destination]:
        for called in sorted(set(bundles)):
            bundle = (self.references.bundles or {}).get(called)
            with collector:
                if bundle is None:
                    raise Misfit
                yield from bundle.hosts
                yield from bundle.ranges

    def _bundle(self, node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        unknown_bundle.check(called, self.references.bundles, node.at, collector)
        return called


def _readable(rule: Rule, fields: Fields) -> Rule:
    """The rule for judging what could be read: no finding shall come of what could not."""
    called = fields.entry("name")
    name_ = called.value.text if called and isinstance(called.value, ScalarNode) else "the rule"
    return replace(
        rule,
        name=rule.name or name_,
        reason="unread" if "reason" in fields.unread else rule.reason,
        ticket="unread" if "ticket" in fields.unread else rule.ticket,
    )


def _server_names(fields: Fields, ticket: str, collector: ProblemCollector) -> bool:
    """Whether server names are checked for the rule where its clusters do that."""
    checked = fields.get("serverNames", flag, default=True)
    entry = fields.entry("serverNames")
    if checked or entry is None or ticket.strip():
        return checked
    raise collector.refuse(
        entry.key.at,
        "server-names-without-ticket",
        "the rule turns server names off, and has no ticket",
        "add ticket: with the approval that allowed it",
    )


def _check_unique(node: Node, first: dict[str, Position], collector: ProblemCollector) -> None:
    called = Fields.of(node, collector).entry("name")
    if called is None or not isinstance(called.value, ScalarNode):
        raise Misfit
    written, at = called.value.text, called.value.at
    if written in first:
        before = first[written]
        raise collector.refuse(
            at,
            "duplicate-rule",
            f"the rule {shown(written)} is already at line {before.line}, column {before.column}",
            "give each rule a name of its own",
        )
    first[written] = at


def destination(node: Node, collector: ProblemCollector) -> Destination:
    """A host, or a map with a host, a range, pods or an entity, and perhaps ports.

    Raises:
        Misfit: for anything else.
    """
    if isinstance(node, ScalarNode):
        return Host(pattern=host(node, collector, in_rule=True), at=node.at)
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    own = fields.get("ports", ports, ())
    made: Destination | None = None
    if fields.entry("host"):
        pattern = fields.need("host", host, None)
        made = None if pattern is None else Host(pattern=pattern, ports=own, at=fields.at)
    elif fields.entry("cidr"):
        network = fields.need("cidr", cidr, None)
        made = None if network is None else AddressRange(cidr=network, ports=own, at=fields.at)
    elif fields.entry("namespace") or fields.entry("namespaceLabels"):
        made = _pods(fields, own, collector)
    elif fields.entry("entity"):
        kind = fields.need("entity", choice(EntityKind), EntityKind.NODES)
        made = Entity(kind=kind, ports=own, at=fields.at)
    collector.stop_after(misfits)
    if made is None:
        raise Misfit
    return made


def _pods(fields: Fields, own: tuple[PortRange, ...], collector: ProblemCollector) -> Pods:
    entry = fields.entry("namespaceLabels")
    chosen = fields.get("pods", labels, ())
    if entry is None:
        namespace = fields.need("namespace", name, "")
        there = fields.get("cluster", name, "")
        return Pods(namespace=namespace, labels=chosen, cluster=there, ports=own, at=fields.at)
    having = fields.need("namespaceLabels", labels, ())
    if not having:
        raise Misfit
    if NAMESPACE_NAME in dict(having):
        alone = {"namespace": dict(having)[NAMESPACE_NAME]} if len(having) == 1 else {}
        kept = {"pods": dict(chosen), "ports": [str(each) for each in own]}
        written = alone and inline(
            alone | {key: value for key, value in kept.items() if value}, quoted=True
        )
        raise collector.refuse(
            entry.value.at,
            "bad-label",
            f"{NAMESPACE_NAME} is the name of a namespace, which every namespace has",
            f"write {written} instead"
            if written
            else "name each namespace with namespace:, or choose them by other labels",
            proposals.item(fields.at, written) if written else None,
        )
    return Pods(namespace_labels=having, labels=chosen, ports=own, at=fields.at)


def canonical(reached: Iterable[Destination]) -> Iterator[Destination]:
    """Sorted, merged and without repetition; an own host goes before the same one of a bundle."""
    hosts: dict[tuple[str, tuple[PortRange, ...]], Host] = {}
    ranges: dict[tuple[str, str, tuple[PortRange, ...]], list[AddressRange]] = {}
    others: dict[Destination, None] = {}
    for one in reached:
        match one:
            case Host(pattern=pattern, ports=own):
                hosts.setdefault((pattern.text, own), one)
            case AddressRange(network=network, bundle=bundle, ports=own):
                ranges.setdefault((network, bundle, own), []).append(one)
            case _:
                others.setdefault(one)
    yield from (hosts[key] for key in sorted(hosts))
    for key in sorted(ranges):
        yield from _merged(ranges[key])
    yield from sorted(one for one in others if isinstance(one, Pods))
    yield from sorted(one for one in others if isinstance(one, Entity))


def _merged(ranges: list[AddressRange]) -> Iterator[AddressRange]:
    """Ranges of one network or bundle and alike in ports merged, each where its first part is."""
    merged = merge_networks(one.cidr for one in ranges)
    begins = [network_key(network)[:2] for network in merged]
    first: dict[int, AddressRange] = {}
    for one in ranges:
        first.setdefault(bisect_right(begins, network_key(one.cidr)[:2]) - 1, one)
    for place, network in enumerate(merged):
        yield replace(first[place], cidr=network)
