"""One function per verb of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from transire.cache.store import Cache
from transire.charts.layout import team_place
from transire.commands.arguments import (
    StrPath,
    folder_at,
    revision_named,
    several,
    when,
)
from transire.commands.helm_choice import helm_named
from transire.helm import HelmChoice
from transire.meaning.compiled import Compiled
from transire.meaning.target import Lowered, Target
from transire.model.problems import Level, Problem, Rejected, in_order
from transire.pipeline.compile import compile_values
from transire.pipeline.examine import begin_to_examine
from transire.pipeline.plan import Planned, plan_files
from transire.pipeline.renamed import renamed
from transire.pipeline.stamp import stamp_charts
from transire.workspace.writer import apply


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One line of the table that `generate` ends with; `next` is what to look at."""

    team: str
    namespace: str
    cluster: str
    engine: str
    mode: str
    hosts: int
    version: str
    next: str

    def __repr__(self) -> str:
        return f"<TargetRow {self.team}: {self.namespace}.{self.cluster}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run of `generate` did; `new` is why versions start afresh, where they do."""

    rows: tuple[TargetRow, ...]
    problems: tuple[Problem, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]
    rendered: int
    helm: HelmChoice
    new: str

    def __repr__(self) -> str:
        return (
            f"<Generated targets={len(self.rows)} problems={len(self.problems)} "
            f"written={len(self.written)} removed={len(self.removed)}>"
        )


def generate(
    root: StrPath,
    *,
    teams: str | Iterable[str] = (),
    base: StrPath | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
    cache: Cache | None = None,
) -> Generated:
    """Write the charts and GitOps objects of all teams, or of those named alone.

    Everything is lowered and rendered before a byte is written; on any mistake nothing is.

    Args:
        root: the policy repository.
        teams: the teams whose files are written; without any, all.
        base: the target branch that versions are compared with.
        as_of: the day, or the moment, that ends are held against; without one, now.
        helm: which Helm renders; without a choice, what is there.
        cache: what earlier runs proved; without one, everything is proved anew.

    Raises:
        Rejected: with every mistake at once.
        UsageError: if a team or the base does not exist.
        HelmFailed: if Helm refuses.
        DiskFailed: if the disk refuses.
        GitFailed: if Git fails.
    """
    folder, chosen = folder_at(root), helm_named(helm)
    compiled = compile_values(folder, several(teams), when(as_of))
    stamped = stamp_charts(folder, compiled)
    examining = begin_to_examine(compiled, stamped, chosen, cache=cache)
    planned = plan_files(folder, compiled, stamped, revision_named(base), chosen)
    examined = examining()
    problems = [*renamed(folder, compiled, planned), *examined.problems]
    if any(each.level is Level.ERROR for each in problems):
        raise Rejected(problems)
    outcome = apply(folder, planned.plan)
    return Generated(
        rows=tuple(_rows(compiled, planned)),
        problems=in_order([*compiled.warnings, *problems]),
        written=outcome.written,
        removed=outcome.removed,
        rendered=examined.rendered,
        helm=examined.helm,
        new=planned.new,
    )


def _rows(compiled: Compiled, planned: Planned) -> Iterator[TargetRow]:
    warned = {each.at.path for each in compiled.warnings if each.level is Level.WARNING}
    for each in compiled.teams:
        place = team_place(each.team.name)
        for target in each.targets:
            yield TargetRow(
                team=each.team.name,
                namespace=target.namespace,
                cluster=target.cluster.name,
                engine=str(target.cluster.release),
                mode=str(target.mode),
                hosts=len({host.pattern for rule in target.rules for host in rule.hosts}),
                version=str(planned.charts[place].version),
                next=_next(target, each.lowered[target.name], warned=each.team.path in warned),
            )


def _next(target: Target, lowered: Lowered, *, warned: bool) -> str:
    """What a person should look at, the most important first."""
    notes = [
        f"{each.rule}: {each.written} {each.done} to {_first(each.became)}"
        for each in lowered.approximated
    ]
    if lowered.delegated:
        count = len(lowered.delegated)
        hosts = f"{count} host{'' if count == 1 else 's'}"
        notes.append(f"{hosts} delegated to {lowered.delegated[0].to}")
    if target.mode == "audit":
        notes.append("audit: nothing is blocked yet")
    if warned:
        notes.append("warnings above")
    return "; ".join(notes) or f"charts/{team_place(target.team)}/README.md"


def _first(patterns: Sequence[str]) -> str:
    """The first of some patterns, and how many more there are."""
    first, *more = patterns or ("nothing",)
    return f"{first} and {len(more)} more" if more else first
