"""The expectations of a repository beside the values that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from transire.commands.test.judge import RenderedJudges, tested
from transire.helm import HelmChoice
from transire.meaning.compiled import Compiled
from transire.model.problems import Problem
from transire.pipeline.stamp import Stamped
from transire.queries.expectation import ExpectationFile
from transire.review.expectations.tested import problems_of
from transire.values.expectations import read_expectations
from transire.values.expected_targets import Placing, place


def placing_of(compiled: Compiled, files: Sequence[ExpectationFile]) -> Placing:
    """The targets of the expectations; where teams are named, of the files about one of them."""
    names = {each.team.name for each in compiled.teams}
    mine = (each for each in files if compiled.whole or each.team in names)
    return place(mine, compiled.organisation)


def unmet(
    folder: Path, compiled: Compiled, stamped: Stamped, helm: HelmChoice | None
) -> list[Problem]:
    """What is wrong with the expectations of the repository, and which of them are not met.

    Raises:
        HelmFailed: if Helm refuses a target.
        NotModelled: if an engine's version is not modelled.
    """
    found = read_expectations(folder)
    placing = placing_of(compiled, found.files)
    problems = [*found.problems, *placing.problems]
    if placing.placed:
        decide = RenderedJudges.of(stamped, helm).decide
        problems += problems_of(tested(placing.placed, decide))
    return problems
