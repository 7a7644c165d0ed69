"""`test`: what somebody expects of egress, held against what the values come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from transire.commands.arguments import StrPath, folder_at, several, when
from transire.commands.helm_choice import helm_named
from transire.commands.test.expected import placing_of
from transire.commands.test.judge import RenderedJudges, tested
from transire.helm import HelmChoice
from transire.model.problems import Rejected
from transire.pipeline.compile import compile_values
from transire.pipeline.stamp import stamp_charts
from transire.review.expectations.tested import Tested
from transire.values.expectations import read_expectations


def test(
    root: StrPath,
    *,
    teams: str | Iterable[str] = (),
    as_of: date | None = None,
    helm: HelmChoice | None = None,
) -> tuple[Tested, ...]:
    """Every expectation of `tests/egress/*.yaml` on each of its targets, in the order of the files.

    Judged is what Helm renders for the values as they are now, generated or not. Where teams are
    named, the files that name no team, or another one, are left to a run for all.

    Args:
        root: the policy repository.
        teams: the teams whose files are judged; without any, all files.
        as_of: the day, or the moment, that ends are held against; without one, now.
        helm: which Helm renders; without a choice, what is there.

    Raises:
        UsageError: if a team does not exist.
        Rejected: with every mistake of the values and of the expectations.
        HelmFailed: if Helm refuses.
    """
    folder, names, chosen = folder_at(root), several(teams), helm_named(helm)
    found = read_expectations(folder)
    try:
        compiled = compile_values(folder, names, when(as_of))
    except Rejected as rejected:
        raise Rejected([*rejected.problems, *found.problems]) from rejected
    placing = placing_of(compiled, found.files)
    problems = [*found.problems, *placing.problems]
    if problems:
        raise Rejected(problems)
    if not placing.placed:
        return ()
    judges = RenderedJudges.of(stamp_charts(folder, compiled), chosen)
    return tested(placing.placed, judges.decide)
