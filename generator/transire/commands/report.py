"""The whole organisation at a glance."""

from __future__ import annotations

from datetime import date

from transire.commands.arguments import StrPath, folder_at, when
from transire.meaning.compiled import Compiled
from transire.meaning.target import baseline_of
from transire.model.origin import Origin
from transire.pipeline.compile import compile_values
from transire.pipeline.origin import origin_of
from transire.review.report.facts import Report, TeamReport, everyone_report

_UNKNOWN = Origin()


def report(root: StrPath, *, as_of: date | None = None) -> Report:
    """What the values at `root` let who reach, and what engines make of it.

    Raises:
        Rejected: with every mistake that the values hold and every refusal of an engine.
        GitFailed: if there is a repository that Git does not want to open.
    """
    folder = folder_at(root)
    compiled = compile_values(folder, as_of=when(as_of))
    return report_of(compiled, origin_of(folder, compiled.organisation.platform))


def report_of(compiled: Compiled, origin: Origin = _UNKNOWN) -> Report:
    """The report on a whole organisation that is compiled already."""
    organisation = compiled.organisation
    teams = (TeamReport.of(each.team, each.targets, each.lowered) for each in compiled.teams)
    baselines = [
        (baseline_of(organisation, organisation.platform.cluster(name)), lowered)
        for name, lowered in compiled.baselines.items()
    ]
    return Report(
        organisation=organisation,
        as_of=compiled.as_of,
        teams=tuple(teams),
        everyone=everyone_report(organisation, baselines),
        warnings=compiled.warnings,
        origin=origin,
    )
