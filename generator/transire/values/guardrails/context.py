"""What every guardrail looks at: the entries of the organisation, at an instant."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from transire.engines.registry import engine_of
from transire.meaning.premises.address_ranges import is_known
from transire.model.destinations import NOWHERE
from transire.model.guardrail import Extent, Finding
from transire.model.intent import (
    AddressRange,
    Cluster,
    Destination,
    Host,
    Organisation,
    Rule,
    Team,
)
from transire.model.names import HostKind, HostPattern
from transire.model.net import PortRange, Protocol, merge_ports
from transire.model.problems import Position
from transire.model.scoped import Place
from transire.model.waiver import OnPort, Reached, Subject
from transire.model.written_port import place_of


def subject_of(destination: Destination) -> Reached:
    """What an exception names where a guardrail finds the destination."""
    match destination:
        case Host(pattern=pattern):
            return pattern
        case AddressRange(cidr=cidr):
            return cidr
        case _:
            return replace(destination, ports=(), at=NOWHERE)


def place(rule: Rule, key: str) -> Position:
    """Where the value of a key of the rule stands; where the rule begins if it has none."""
    return rule.at_key(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule with its owner; `team` is empty for the platform's rules for everyone."""

    team: str
    rule: Rule

    def ports_of(self, destination: Destination) -> tuple[PortRange, ...]:
        """The ports on which the rule opens the destination."""
        return destination.ports or self.rule.ports

    def ports_to(
        self, destinations: Iterable[Destination]
    ) -> Iterator[tuple[PortRange, Destination | None]]:
        """The ports on which the rule opens any of these, each once for every list that has it.

        With each comes the destination whose own port it is, None for the rule's.
        """
        found = list(destinations)
        if any(not each.ports for each in found):
            yield from ((port, None) for port in self.rule.ports)
        for each in found:
            yield from ((port, each) for port in each.ports)

    def on_port(
        self, port: PortRange, of: Destination | None, among: Iterable[Destination]
    ) -> Iterator[OnPort]:
        """What a port opens, as `ports_to` gives it: one destination, or those without own ports.

        `among` are the destinations of which any is meant.
        """
        opened = [each for each in among if not each.ports] if of is None else [of]
        yield from dict.fromkeys(OnPort(subject_of(each), port) for each in opened)

    def ports_on(self, subject: Subject) -> tuple[PortRange, ...]:
        """All ports on which the rule opens what it reaches."""
        opened = (each for each in self.rule.destinations if subject_of(each) == subject)
        return merge_ports(port for each in opened for port in self.ports_of(each))

    @property
    def everything(self) -> tuple[Reached, ...]:
        """All that the rule reaches, as an exception names it."""
        return tuple(dict.fromkeys(map(subject_of, self.rule.destinations)))

    def place_of(self, protocol: Protocol, number: int, of: Destination | None) -> Position:
        """Where a port is written, of the rule or of one of its destinations.

        The rule or the destination itself where none of its lists has it.
        """
        owner = self.rule.at if of is None else of.at
        found = place_of(self.rule.written_ports, protocol, number, owner)
        return found or (place(self.rule, "ports") if of is None else owner)

    def finding(
        self,
        at: Position,
        message: str,
        help: str,  # noqa: A002 - the field
        *about: Subject,
    ) -> Finding:
        """A finding about this entry, or `about` some of its hosts, ranges or ports."""
        return Finding(
            team=self.team,
            entry=self.rule.name,
            at=at,
            message=message,
            help=help,
            about=about or self.everything,
            extent=Extent(
                limits=self.rule,
                sources=self.rule.sources,
                approximate=self.rule.approximate,
                ports=self.ports_on,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class GuardrailContext:
    """What every guardrail looks at: the whole organisation, as of an instant.

    `hidden` has the keys of the platform's file whose values have gaps; None hides all of it.
    """

    organisation: Organisation
    as_of: datetime
    hidden: frozenset[str] | None = frozenset()

    def entries(self) -> Iterator[Entry]:
        """Every rule of every team, then those for everyone."""
        for team in self.organisation.teams:
            for rule in team.rules:
                yield Entry(team=team.name, rule=rule)
        for rule in self.organisation.platform.everyone:
            yield Entry(team="", rule=rule)

    def hosts(self) -> Iterator[tuple[Entry, Host]]:
        """Every host of every rule, with its entry."""
        for entry in self.entries():
            for host in entry.rule.hosts:
                yield entry, host

    def clusters(self, entry: Entry) -> tuple[Cluster, ...]:
        """The clusters on which the entry's rule holds, in the order of the platform's file."""
        rule = entry.rule
        key = (entry.team, rule.environments, rule.clusters, rule.namespaces)
        if key not in self._held:
            held = {each.cluster for each in filter(rule.holds_in, self.places[entry.team])}
            clusters = self.organisation.platform.clusters
            self._held[key] = tuple(each for each in clusters if each.name in held)
        return self._held[key]

    @cached_property
    def _held(self) -> dict[Hashable, tuple[Cluster, ...]]:
        """The clusters of each scope that was looked up."""
        return {}

    def readings(self, entry: Entry, pattern: HostPattern) -> Iterator[tuple[HostPattern, str]]:
        """The host itself, and what clusters read in its place, each with the first that does.

        The cluster is empty for the host itself. Engines widen or narrow by consent alone; without
        it lowering refuses the host.
        """
        seen = {pattern}
        yield pattern, ""
        if pattern.kind is HostKind.EXACT:
            return
        for cluster in self.clusters(entry):
            release = cluster.release
            for reading in engine_of(release).as_read(pattern, release):
                if reading not in seen:
                    seen.add(reading)
                    yield reading, cluster.name

    def strangers(self, entry: Entry) -> Iterator[AddressRange]:
        """The ranges of the entry's rule that are in no known network somewhere the rule holds.

        Where networks are hidden, or the only clusters of the rule, none is known to be one.
        """
        platform = self.organisation.platform
        if self._hides("networks"):
            return
        if not platform.networks:
            yield from entry.rule.ranges
            return
        clusters = self.clusters(entry)
        if not clusters and self._hides("clusters"):
            return
        clusters = clusters or platform.clusters
        for each in entry.rule.ranges:
            if not each.network and not all(is_known(each.cidr, cluster) for cluster in clusters):
                yield each

    def _hides(self, key: str) -> bool:
        return self.hidden is None or key in self.hidden

    def teams(self) -> tuple[Team, ...]:
        """All teams, sorted by name."""
        return self.organisation.teams

    @cached_property
    def places(self) -> Mapping[str, tuple[Place, ...]]:
        """The targets of each team; under the empty name, every cluster for all enrolled there."""
        clusters = {each.name: each for each in self.organisation.platform.clusters}
        own = {
            team.name: tuple(
                clusters[each.cluster].place(each.namespace)
                for each in team.publications
                if each.cluster in clusters
            )
            for team in self.teams()
        }
        return {"": tuple(each.place() for each in clusters.values()), **own}

    def enrolled(self) -> Iterator[str]:
        """The namespaces that follow the platform's own mode on some cluster.

        Those are the ones in `enrol` to which no team publishes there.
        """
        return (each for each in self.organisation.platform.enrol if any(self.enrolled_on(each)))

    def enrolled_on(self, namespace: str) -> Iterator[str]:
        """The clusters on which an enrolled namespace follows the platform's own mode."""
        for cluster in self.organisation.platform.clusters:
            if (namespace, cluster.name) not in self._published:
                yield cluster.name

    @cached_property
    def _published(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (each.namespace, each.cluster) for team in self.teams() for each in team.publications
        )
