"""The targets that expectations are about; what names none is a mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.meaning.target import Target, all_targets, targets_without_team
from transire.model.intent import Organisation
from transire.model.problems import Position, Problem, in_order
from transire.queries.expectation import Expectation, ExpectationFile
from transire.values import proposals
from transire.values.guardrails.fixed import unknown_cluster
from transire.values.problem_collector import ProblemCollector, one_of, shown
from transire.values.references import check_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One expectation on one of the targets that it is about."""

    expectation: Expectation
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Every expectation with each of its targets, and what is wrong with what they name."""

    placed: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def place(files: Iterable[ExpectationFile], organisation: Organisation) -> Placing:
    """The targets of all expectations; the organisation is whole, or has the teams of the files."""
    known = _Known.of(organisation)
    collector = ProblemCollector()
    found: list[Placed] = []
    for file in files:
        with collector:
            known.check_team(file, collector)
            for each in file.expectations:
                with collector:
                    targets = known.targets(each, file.team, collector)
                    found += [Placed(expectation=each, target=target) for target in targets]
    return Placing(placed=tuple(found), problems=in_order(collector.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The targets by namespace and cluster, and the names of teams and clusters."""

    targets_by: Mapping[str, Mapping[str, Target]]
    teams: frozenset[str]
    clusters: frozenset[str]

    @classmethod
    def of(cls, organisation: Organisation) -> _Known:
        found: dict[str, dict[str, Target]] = {}
        for target in _targets(organisation):
            found.setdefault(target.namespace, {})[target.cluster.name] = target
        return cls(
            targets_by=found,
            teams=frozenset({*(each.name for each in organisation.teams), *organisation.others}),
            clusters=frozenset(each.name for each in organisation.platform.clusters),
        )

    def check_team(self, file: ExpectationFile, collector: ProblemCollector) -> None:
        if file.team:
            check_reference("team", file.team, self.teams, file.team_at, collector)

    def targets(
        self, expectation: Expectation, team: str, collector: ProblemCollector
    ) -> Iterable[Target]:
        here = self._in_namespace(expectation, team, collector)
        if not expectation.clusters:
            return here.values()
        found = []
        for cluster, at in expectation.clusters:
            with collector:
                unknown_cluster.check(cluster, self.clusters, at, collector)
                found.append(_on_cluster(here, expectation, cluster, at, collector))
        return found

    def _in_namespace(
        self, expectation: Expectation, team: str, collector: ProblemCollector
    ) -> Mapping[str, Target]:
        namespace, at = expectation.source.namespace, expectation.source_at
        here = self.targets_by.get(namespace, {})
        mine = {name: each for name, each in here.items() if team in {"", each.team}}
        if mine:
            return mine
        known = sorted(
            name
            for name, targets in self.targets_by.items()
            if not team or any(each.team == team for each in targets.values())
        )
        whose = f"team {team}" if team else "the organisation"
        close = proposals.slip_of_name(namespace, known)
        raise collector.refuse(
            at,
            "unknown-namespace",
            f"{whose} has no namespace {shown(namespace)}",
            f"write {close}" if close else proposals.listed("namespace", known),
        )


def _on_cluster(
    here: Mapping[str, Target],
    expectation: Expectation,
    cluster: str,
    at: Position,
    collector: ProblemCollector,
) -> Target:
    found = here.get(cluster)
    if found is not None:
        return found
    raise collector.refuse(
        at,
        "unknown-target",
        f"namespace {expectation.source.namespace} is not on cluster {cluster}",
        f"it is on {one_of(sorted(here), 'and')}; name one of these, or leave clusters out",
    )


def _targets(organisation: Organisation) -> Iterator[Target]:
    yield from all_targets(organisation)
    for cluster in organisation.platform.clusters:
        yield from targets_without_team(organisation, cluster)
