"""Reports to look at: the example organisation's, and small ones made for a point."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from support.paths import ROOT
from transire import api
from transire.engines.registry import ENGINES
from transire.meaning.target import Baseline, Lowered, Target, baseline_of, targets_of
from transire.model.ends import instant
from transire.model.intent import Organisation
from transire.model.problems import Level, Position, Problem, Rejected
from transire.review.report.facts import Reach, Report, TeamReport, everyone_report

AS_OF = date(2026, 11, 23)


@cache
def example() -> Report:
    """What the repository's own values come to."""
    return api.report(ROOT, as_of=AS_OF)


def report_on(organisation: Organisation, as_of: date = AS_OF) -> Report:
    """A report on values that went through no file; of what an engine refuses nothing is said."""
    teams = []
    for team in organisation.teams:
        targets = targets_of(organisation, team)
        said = {each.name: lowered(each) for each in targets}
        teams.append(TeamReport.of(team, targets, said))
    baselines = [baseline_of(organisation, each) for each in organisation.platform.clusters]
    enrolled = [(each, lowered_baseline(each)) for each in baselines if each.enforce or each.audit]
    return Report(
        organisation=organisation,
        as_of=instant(as_of),
        teams=tuple(teams),
        everyone=everyone_report(organisation, enrolled),
        warnings=(),
    )


def lowered(target: Target) -> Lowered:
    """What the engine makes of the target; nothing where it refuses."""
    try:
        return ENGINES[target.cluster.release.engine].lower(target)
    except Rejected:
        return Lowered(values={})


def lowered_baseline(baseline: Baseline) -> Lowered:
    try:
        return ENGINES[baseline.cluster.release.engine].lower_baseline(baseline)
    except Rejected:
        return Lowered(values={})


def with_words(report: Report, words: str) -> Report:
    """The report with other words wherever people write freely."""

    def changed(reach: Reach) -> Reach:
        return replace(reach, rule=replace(reach.rule, reason=words, ticket=words))

    teams = tuple(
        replace(
            each,
            team=replace(each.team, contact=words),
            reaches=tuple(map(changed, each.reaches)),
        )
        for each in report.teams
    )
    waivers = tuple(
        replace(each, reason=words, approved_by=words) for each in report.organisation.waivers
    )
    bundles = tuple(replace(each, owner=words) for each in report.organisation.bundles)
    organisation = replace(report.organisation, waivers=waivers, bundles=bundles)
    warning = Problem(at=Position(path=words), id=words, message=words, help=words)
    return replace(
        report,
        teams=teams,
        organisation=organisation,
        warnings=(replace(warning, level=Level.WARNING),),
    )
