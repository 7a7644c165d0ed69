"""What a report is about, and the facts about each rule in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from transire.meaning.target import Approximated, Baseline, Delegated, Lowered, Remark, Target
from transire.model.ends import End
from transire.model.intent import Cluster, Host, Mode, Organisation, Rule, Team
from transire.model.names import HostKind
from transire.model.origin import Origin
from transire.model.problems import Problem
from transire.review.report.use import Uses

Found = TypeVar("Found", Approximated, Delegated, Remark)
Key = TypeVar("Key")


Places = tuple[str, ...]
"""Names of targets, or of clusters where the rule is one for everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatedHosts:
    """Hosts whose verdict is delegated to something else in those places, and what that is."""

    to: str
    hosts: tuple[str, ...]
    places: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One rule with all that is true of it, and the places where it holds and where that is."""

    rule: Rule
    places: Places
    approximated: tuple[tuple[Approximated, Places], ...]
    delegated: tuple[DelegatedHosts, ...]
    remarks: tuple[tuple[Remark, Places], ...]

    def __repr__(self) -> str:
        return f"<Reach {self.rule.source} places={len(self.places)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReport:
    """One team: its targets, its rules, and what is true of its targets beside any rule."""

    team: Team
    targets: tuple[Target, ...]
    reaches: tuple[Reach, ...]
    remarks: tuple[tuple[Remark, Places], ...]

    def __repr__(self) -> str:
        return (
            f"<TeamReport {self.team.name} targets={len(self.targets)} rules={len(self.reaches)}>"
        )

    @classmethod
    def of(
        cls, team: Team, targets: tuple[Target, ...], lowered: Mapping[str, Lowered]
    ) -> TeamReport:
        """By rule; `lowered` is what engines made of the team's targets, by target name."""
        holding = {each.name: frozenset(rule.name for rule in each.rules) for each in targets}
        reaches, remarks = _reaches(team.rules, holding, lowered)
        return cls(team=team, targets=targets, reaches=reaches, remarks=remarks)


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryoneReport:
    """The rules for everyone, and the namespaces that no team publishes to but the platform enrols.

    `alone` pairs clusters with such namespaces; they follow the platform's default mode.
    """

    reaches: tuple[Reach, ...]
    remarks: tuple[tuple[Remark, Places], ...]
    alone: tuple[tuple[Cluster, str], ...]

    def __repr__(self) -> str:
        return f"<EveryoneReport reaches={len(self.reaches)} alone={len(self.alone)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An organisation at an instant; `warnings` are what `check` would find in its values."""

    organisation: Organisation
    as_of: datetime
    teams: tuple[TeamReport, ...]
    everyone: EveryoneReport
    warnings: tuple[Problem, ...]
    origin: Origin = Origin()
    uses: Uses | None = None
    """What logs saw of the entries, where there are logs."""

    def __repr__(self) -> str:
        targets = sum(len(each.targets) for each in self.teams)
        return f"<Report as_of={self.as_of.date()} teams={len(self.teams)} targets={targets}>"

    @property
    def audited(self) -> tuple[tuple[str, str, Cluster, End | None], ...]:
        """Team (or nobody), namespace, cluster and end of whatever is still in audit."""
        platform = self.organisation.platform
        owned = [
            (each.team.name, target.namespace, target.cluster, _until(each.team, target))
            for each in self.teams
            for target in each.targets
            if target.mode is Mode.AUDIT
        ]
        alone = self.everyone.alone if platform.mode is Mode.AUDIT else ()
        return (*owned, *(("", name, cluster, platform.until) for cluster, name in alone))


def everyone_report(
    organisation: Organisation, baselines: Iterable[tuple[Baseline, Lowered]]
) -> EveryoneReport:
    """What clusters get for all their enrolled namespaces, by rule."""
    pairs = list(baselines)
    holding = {each.name: frozenset(rule.name for rule in each.everyone) for each, _ in pairs}
    lowered = {each.name: made for each, made in pairs}
    reaches, remarks = _reaches(organisation.platform.everyone, holding, lowered)
    taken = {
        (each.namespace, each.cluster) for team in organisation.teams for each in team.publications
    }
    alone = [
        (each.cluster, name)
        for each, _ in pairs
        for name in organisation.platform.enrol
        if (name, each.name) not in taken
    ]
    return EveryoneReport(reaches=reaches, remarks=remarks, alone=tuple(alone))


def is_wildcard(host: Host) -> bool:
    """Whether the host stands for names that nobody has listed."""
    return host.pattern.kind is not HostKind.EXACT


def _until(team: Team, target: Target) -> End | None:
    for each in team.publications:
        if (each.namespace, each.cluster) == (target.namespace, target.cluster.name):
            return each.until
    return None


def _reaches(
    rules: Iterable[Rule], holding: Mapping[str, frozenset[str]], lowered: Mapping[str, Lowered]
) -> tuple[tuple[Reach, ...], tuple[tuple[Remark, Places], ...]]:
    """The rules by name, and the remarks that are about none of them."""
    near = _by_rule(lowered, lambda each: each.approximated)
    left = _by_rule(lowered, lambda each: each.delegated)
    remarks = _by_rule(lowered, lambda each: each.remarks)
    names = sorted(rules, key=lambda each: each.name)
    reaches = tuple(
        Reach(
            rule=rule,
            places=tuple(place for place in sorted(holding) if rule.name in holding[place]),
            approximated=_places_by(near.get(rule.name, ())),
            delegated=_hosts_by_place(left.get(rule.name, ())),
            remarks=_places_by(remarks.get(rule.name, ())),
        )
        for rule in names
    )
    rest = [
        pair
        for name in sorted(remarks.keys() - {each.name for each in names})
        for pair in remarks[name]
    ]
    return reaches, _places_by(rest)


def _by_rule(
    lowered: Mapping[str, Lowered], part: Callable[[Lowered], tuple[Found, ...]]
) -> dict[str, list[tuple[Found, str]]]:
    found: dict[str, list[tuple[Found, str]]] = {}
    for place in sorted(lowered):
        for each in part(lowered[place]):
            found.setdefault(each.rule, []).append((each, place))
    return found


def _places_by(pairs: Iterable[tuple[Key, str]]) -> tuple[tuple[Key, Places], ...]:
    places: dict[Key, list[str]] = {}
    for each, place in pairs:
        places.setdefault(each, []).append(place)
    return tuple((each, tuple(where)) for each, where in places.items())


def _hosts_by_place(pairs: Iterable[tuple[Delegated, str]]) -> tuple[DelegatedHosts, ...]:
    """Hosts that go the same way in the same places, listed once."""
    ways = _places_by(((each.to, each.host), place) for each, place in pairs)
    hosts: dict[tuple[str, Places], list[str]] = {}
    for (to, host), places in ways:
        hosts.setdefault((to, places), []).append(host)
    return tuple(
        DelegatedHosts(to=to, hosts=tuple(names), places=places)
        for (to, places), names in hosts.items()
    )


def every_reach(report: Report) -> Iterator[tuple[TeamReport | None, Reach]]:
    """Every rule with its team; without one for the rules of everyone, which come last."""
    for team in report.teams:
        for reach in team.reaches:
            yield team, reach
    for reach in report.everyone.reaches:
        yield None, reach
