"""Rules, of teams and for everyone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

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
from transire.model.problems import Position
from transire.values.guardrails import unknown_bundle
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.references import Known, check_known
from transire.values.scalars import (
    choice,
    cidr,
    day,
    host,
    labels,
    line,
    name,
    port,
)
from transire.yamlio import Node, ScalarNode, SequenceNode


def ports(node: Node, complaints: ProblemCollector) -> tuple[PortRange, ...]:
    """A list of ports, merged.

    Raises:
        Misfit: if the node is no list.
    """
    return merge_ports(each(port)(node, complaints))


def networks(node: Node, complaints: ProblemCollector) -> tuple[Network, ...]:
    """A list of ranges, merged.

    Raises:
        Misfit: if the node is no list.
    """
    return merge_networks(each(cidr)(node, complaints))


def approximations(node: Node, complaints: ProblemCollector) -> frozenset[Approximation]:
    """One consent or a list of them.

    Raises:
        Misfit: for anything else.
    """
    make = choice(Approximation)
    if isinstance(node, SequenceNode):
        return frozenset(each(make)(node, complaints))
    return frozenset({make(node, complaints)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReader:
    """Where rules stand: what they may refer to, and how provenance calls them."""

    known: Known
    source: str

    def rules(self, node: Node, complaints: ProblemCollector) -> tuple[Rule, ...]:
        """The rules of a list, sorted by name; a rule with a misfit is left out.

        Raises:
            Misfit: if the node is no list.
        """
        if not isinstance(node, SequenceNode):
            raise Misfit
        found: list[Rule] = []
        first: dict[str, Position] = {}
        for item in node.items:
            with complaints:
                _check_unique(item, first, complaints)
            with complaints:
                found.append(self._rule(item, complaints))
        return tuple(sorted(found, key=lambda rule: rule.name))

    def _rule(self, node: Node, complaints: ProblemCollector) -> Rule:
        misfits = complaints.misfits
        fields = Fields.of(node, complaints)
        called = fields.need("name", name, "")
        own = fields.get("to", each(destination), ())
        bundles = fields.get("bundles", each(self._bundle), ())
        allowed = fields.get("ports", ports, self.known.ports)
        environments = fields.get("environments", each(self._environment), None)
        reason = fields.get("reason", line, "")
        ticket = fields.get("ticket", line, "")
        expires = fields.get("expires", day, None)
        workloads = fields.get("from", labels, ())
        approximate = fields.get("approximate", approximations, frozenset())
        complaints.stop_after(misfits)
        reached = tuple(_canonical((*own, *self._hosts(bundles))))
        if not reached or not allowed:
            raise Misfit
        return Rule(
            name=called,
            reason=reason,
            destinations=reached,
            ports=allowed,
            source=self.source + called,
            from_labels=workloads,
            ticket=ticket,
            expires=expires,
            bundles=tuple(sorted(set(bundles))),
            environments=None if environments is None else frozenset(environments),
            approximate=approximate,
            at=fields.at,
        )

    def _hosts(self, bundles: tuple[str, ...]) -> Iterator[Host]:
        for called in sorted(set(bundles)):
            bundle = (self.known.bundles or {}).get(called)
            if bundle is None:
                raise Misfit
            yield from bundle.hosts

    def _bundle(self, node: Node, complaints: ProblemCollector) -> str:
        called = name(node, complaints)
        unknown_bundle.check(called, self.known.bundles, node.at, complaints)
        return called

    def _environment(self, node: Node, complaints: ProblemCollector) -> str:
        called = name(node, complaints)
        check_known("environment", called, self.known.environments, node.at, complaints)
        return called


def _check_unique(node: Node, first: dict[str, Position], complaints: ProblemCollector) -> None:
    called = Fields.of(node, complaints).entry("name")
    if called is None or not isinstance(called.value, ScalarNode):
        raise Misfit
    written, at = called.value.text, called.value.at
    if written in first:
        before = first[written]
        raise complaints.refuse(
            at,
            "duplicate-rule",
            f"the rule {shown(written)} is already at line {before.line}, column {before.column}",
            "give each rule a name of its own, or merge the two",
        )
    first[written] = at


def destination(node: Node, complaints: ProblemCollector) -> Destination:
    """A host, or a map with a range, pods or an entity.

    Raises:
        Misfit: for anything else.
    """
    if isinstance(node, ScalarNode):
        return Host(pattern=host(node, complaints), at=node.at)
    misfits = complaints.misfits
    fields = Fields.of(node, complaints)
    made: Destination | None = None
    if fields.entry("cidr"):
        network = fields.need("cidr", cidr, None)
        made = None if network is None else AddressRange(cidr=network, at=fields.at)
    elif fields.entry("namespace"):
        namespace = fields.need("namespace", name, "")
        made = Pods(namespace=namespace, labels=fields.get("pods", labels, ()), at=fields.at)
    elif fields.entry("entity"):
        kind = fields.need("entity", choice(EntityKind), EntityKind.NODES)
        made = Entity(kind=kind, at=fields.at)
    complaints.stop_after(misfits)
    if made is None:
        raise Misfit
    return made


def _canonical(reached: tuple[Destination, ...]) -> Iterator[Destination]:
    """Sorted, merged and without repetition; an own host goes before the same one of a bundle."""
    hosts: dict[str, Host] = {}
    ranges: list[AddressRange] = []
    others: dict[Destination, None] = {}
    for one in reached:
        match one:
            case Host(pattern=pattern):
                hosts.setdefault(pattern.text, one)
            case AddressRange():
                ranges.append(one)
            case _:
                others.setdefault(one)
    yield from (hosts[name] for name in sorted(hosts))
    yield from _merged(ranges)
    yield from sorted(one for one in others if isinstance(one, Pods))
    yield from sorted(one for one in others if isinstance(one, Entity))


def _merged(ranges: list[AddressRange]) -> Iterator[AddressRange]:
    """The ranges merged, each at the place of the first that is part of it."""
    merged = merge_networks(one.cidr for one in ranges)
    begins = [network_key(network)[:2] for network in merged]
    first: dict[int, AddressRange] = {}
    for one in ranges:
        first.setdefault(bisect_right(begins, network_key(one.cidr)[:2]) - 1, one)
    for place, network in enumerate(merged):
        yield AddressRange(cidr=network, at=first[place].at)
