"""Expectations for a team, written from its rules: each holds when it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date

from transire.commands.arguments import StrPath, folder_at, when
from transire.commands.helm_choice import helm_named
from transire.commands.test.candidates import Candidate, Group, groups_of
from transire.commands.test.expectation_text import Line, Part, appended
from transire.commands.test.judge import Decide, RenderedJudges
from transire.helm import HelmChoice
from transire.meaning.target import Target
from transire.pipeline.compile import compile_values
from transire.pipeline.stamp import stamp_charts
from transire.queries.expectation import Outcome, outcome_of
from transire.queries.query import Decision, Query
from transire.queries.query_notation import destination_from, source_from
from transire.values.expectations import read_expectations
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.value_paths import EXPECTATIONS
from transire.workspace.writer import apply

_OPEN = frozenset({Outcome.ALLOW, Outcome.DELEGATED})
_CLOSED = frozenset({Outcome.DENY})

_Judged = tuple[Target, Outcome, Decision]
"""A target, what becomes of a flow there, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExpectations:
    """What a run wrote to which file, and what it did not write.

    `notes` has entries that are not open, as sentences; `left_out` counts flows beside entries
    that are not closed, by why.
    """

    path: str
    added: int
    there: int
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


def new_expectations(
    root: StrPath, *, team: str, as_of: date | None = None, helm: HelmChoice | None = None
) -> NewExpectations:
    """Write `tests/egress/TEAM.yaml`, or add to it what it does not have; the rest of it stays.

    Each expectation is judged first: an entry that is not open and a neighbour that is not closed
    are left out, and are among what is returned.

    Args:
        root: the policy repository.
        team: whose rules are meant.
        as_of: the day, or the moment, that ends are held against; without one, now.
        helm: which Helm renders; without a choice, what is there.

    Raises:
        UsageError: if there is no such team.
        Rejected: with every mistake of the team's values and of the expectations, or if the file
            has an unusual form.
        HelmFailed: if Helm refuses.
        DiskFailed: if the disk refuses.
    """
    folder, chosen = folder_at(root), helm_named(helm)
    files = read_expectations(folder).sound()
    compiled = compile_values(folder, [team], when(as_of))
    judges = RenderedJudges.of(stamp_charts(folder, compiled), chosen)
    borne_out = bear_out(compiled.teams[0].targets, judges.decide)
    path = f"{EXPECTATIONS}/{team}.yaml"
    there = next((each for each in files if each.path == path), None)
    before = (folder / path).read_bytes() if there else None
    edited = appended(before, path, team, borne_out.parts, there)
    if edited.content != before:
        apply(folder, Plan(edits=(Edit(path=path, before=before, after=edited.content),)))
    return NewExpectations(
        path=path,
        added=edited.added,
        there=len(there.expectations) if there else 0,
        notes=borne_out.notes,
        left_out=borne_out.left_out,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BorneOut:
    """The expectations that policies bear out; the rest is as `NewExpectations` has it."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    left_out: Mapping[str, int]


def bear_out(targets: Sequence[Target], decide: Decide) -> BorneOut:
    """Judge every candidate of a team's targets.

    Raises:
        ToolError: what `decide` raises.
    """
    writing = _Writing(decide=decide)
    parts = tuple(writing.part(each) for each in groups_of(targets))
    return BorneOut(
        parts=parts,
        notes=tuple(dict.fromkeys(writing.notes)),
        left_out=dict(sorted(writing.left_out.items())),
    )


@dataclass(slots=True)
class _Writing:
    """Judges candidates; every flow of a target is written once."""

    decide: Decide
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def part(self, group: Group) -> Part:
        words = "left out, since queries have no words for it"
        self.notes += [f"{words}: {each}" for each in group.unwritten]
        lines: list[Line] = []
        once: set[str] = set()
        for entry in group.entries:
            found = self._judged(entry.own)
            self._note(entry.own, found)
            lines += self._lines(entry.own, group, found, _OPEN)
            open_on = tuple(target for target, outcome, _ in found if outcome in _OPEN)
            for each in entry.nearby if open_on else ():
                lines += self._closed(replace(each, targets=open_on), group)
            if open_on and entry.own.origin not in once:
                once.add(entry.own.origin)
                lines += (line for each in entry.elsewhere for line in self._closed(each, group))
        lines += (line for each in group.closed for line in self._closed(each, group))
        return Part(title=group.title, lines=tuple(lines))

    def _closed(self, candidate: Candidate, group: Group) -> list[Line]:
        """The candidate where it is closed; where it is not is counted."""
        found = self._judged(candidate)
        self.left_out.update(outcome.done for _, outcome, _ in found if outcome is not Outcome.DENY)
        return self._lines(candidate, group, found, _CLOSED)

    def _judged(self, candidate: Candidate) -> list[_Judged]:
        query = Query(
            id="new",
            source=source_from(candidate.origin),
            what=destination_from(candidate.destination),
        )
        decisions = [(target, self.decide(target, query)) for target in candidate.targets]
        return [(target, outcome_of(query, each), each) for target, each in decisions]

    def _note(self, entry: Candidate, found: Sequence[_Judged]) -> None:
        self.notes += [
            f"left out, {entry.stands_for}: {entry.origin} to {entry.destination} on "
            f"{target.cluster.name} is {outcome.done}: {decision.reason}"
            for target, outcome, decision in found
            if outcome not in _OPEN
        ]

    def _lines(
        self,
        candidate: Candidate,
        group: Group,
        found: Sequence[_Judged],
        wanted: AbstractSet[Outcome],
    ) -> list[Line]:
        """The candidate on the targets where its outcome is wanted, a line for each outcome."""
        clusters: dict[Outcome, list[str]] = {}
        for target, outcome, _ in found:
            key = candidate.origin, candidate.destination, target.name
            if outcome in wanted and key not in self.seen:
                self.seen.add(key)
                clusters.setdefault(outcome, []).append(target.cluster.name)
        return [
            Line(
                origin=candidate.origin,
                destination=candidate.destination,
                expect=str(outcome),
                clusters=() if group.clusters == set(names) else tuple(sorted(names)),
                reason=candidate.stands_for,
            )
            for outcome, names in sorted(clusters.items())
        ]
