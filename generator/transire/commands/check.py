"""`check`: values, generated files and proofs, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from transire.commands.arguments import (
    StrPath,
    folder_at,
    revision_named,
    several,
    when,
)
from transire.commands.helm_choice import helm_named
from transire.helm import HelmChoice
from transire.model.problems import Level, Position, Problem, Rejected, in_order
from transire.pipeline.compile import compile_values
from transire.pipeline.examine import begin_to_examine
from transire.pipeline.plan import Planned, plan_files
from transire.pipeline.renamed import renamed
from transire.pipeline.stamp import stamp_charts
from transire.workspace.writer import status


def check(
    root: StrPath,
    *,
    teams: str | Iterable[str] = (),
    base: StrPath | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
) -> tuple[Problem, ...]:
    """Everything that is wrong or worth a look, in order; nothing is written.

    Values, guardrails, what an engine refuses, what Helm renders, releases that change their name,
    and generated files that are not in step with the values. Where teams are named, what concerns
    others is left to a run for all.

    Args:
        root: the policy repository.
        teams: the teams to look at; without any, all.
        base: the target branch that versions are compared with.
        as_of: the day, or the moment, that ends are held against; without one, now.
        helm: which Helm renders; without a choice, what is there.

    Raises:
        UsageError: if a team or the base does not exist.
        HelmFailed: if Helm refuses.
        DiskFailed: if the disk refuses.
        GitFailed: if Git fails.
    """
    folder, chosen = folder_at(root), helm_named(helm)
    try:
        compiled = compile_values(folder, several(teams), when(as_of))
        stamped = stamp_charts(folder, compiled)
        examining = begin_to_examine(compiled, stamped, chosen)
        planned = plan_files(folder, compiled, stamped, revision_named(base), chosen)
        seen = status(folder, planned.plan)
        problems = [*renamed(folder, compiled, planned), *examining().problems]
    except Rejected as rejected:
        return rejected.problems
    found = [*compiled.warnings, *problems, *seen.causes, *planned.behind]
    return in_order([*found, *_uncompared(planned)])


def _uncompared(planned: Planned) -> Iterator[Problem]:
    """A note where no version can be wrong, since there is none to compare it with."""
    if planned.new:
        yield Problem(
            at=Position(path="charts"),
            id="no-base",
            level=Level.NOTE,
            message=f"versions are compared with nothing: {planned.new}",
            help="in CI, fetch the target branch with its history and name it with --base",
        )
