"""The whole organisation at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from transire.commands.arguments import StrPath, files_at, folder_at, when
from transire.commands.audit import USUAL_DAYS, audit
from transire.meaning.compiled import Compiled
from transire.meaning.target import baseline_of
from transire.model.origin import Origin
from transire.pipeline.compile import compile_values
from transire.pipeline.origin import origin_of
from transire.pipeline.progress import Watch
from transire.review.report.facts import Report, TeamReport, everyone_report
from transire.review.report.use import EntryKey, EntryUse, Seen, Uses, together
from transire.review.usage.audit import Audit
from transire.review.usage.redacted import redacted_audit
from transire.review.usage.wording import coverage_lines

_UNKNOWN = Origin()


def report(
    root: StrPath,
    *,
    as_of: date | None = None,
    logs: StrPath | Iterable[StrPath] = (),
    cluster: str = "",
    format_: str = "",
    days: int = USUAL_DAYS,
    redact: bool = False,
    watch: Watch | None = None,
) -> Report:
    """What the values at `root` let who reach, and what engines make of it.

    Args:
        root: the policy repository.
        as_of: the day, or the moment, that ends are held against.
        logs: logs that the entries are held against, as `audit` takes them; without any, none.
        cluster: the cluster of which all lines are.
        format_: how every line is read; without a name, each as what it looks like.
        days: the time within which an entry has to be used.
        redact: whether numbers stand in place of workloads.
        watch: is called with the bytes of logs that are read, and those that there are.

    Raises:
        Rejected: with every mistake that the values hold and every refusal of an engine.
        UsageError: if a log, the cluster or the format does not exist.
        DiskFailed: if a log cannot be read.
        GitFailed: if there is a repository that Git does not want to open.
    """
    folder = folder_at(root)
    compiled = compile_values(folder, as_of=when(as_of))
    made = report_of(compiled, origin_of(folder, compiled.organisation.platform))
    paths = tuple(files_at(logs)) if logs else ()
    if not paths:
        return made
    found = audit(root, paths, cluster=cluster, format_=format_, days=days, watch=watch)
    return replace(made, uses=_uses(redacted_audit(found) if redact else found, made.teams))


def _uses(found: Audit, teams: Iterable[TeamReport]) -> Uses:
    """The uses of entries over all targets of their rules."""
    by_entry: dict[EntryKey, list[EntryUse]] = {}
    for each in found.uses:
        entry = each.entry
        key = entry.target.team, entry.rule.name, entry.destination
        by_entry.setdefault(key, []).append(
            EntryUse(
                seen=Seen(each.standing.value),
                count=each.count,
                last=None if each.last is None else datetime.fromtimestamp(each.last, UTC).date(),
                workloads=tuple(each.workloads),
                why=each.why,
            )
        )
    for team in teams:
        for reach in team.reaches:
            for destination in reach.rule.destinations:
                seen = by_entry.get((team.team.name, reach.rule.name, destination), [])
                seen += _beside(len(reach.places), len(seen))
    entries = {key: together(uses) for key, uses in by_entry.items()}
    return Uses(days=found.days, coverage=tuple(coverage_lines(found.coverage)), entries=entries)


def _beside(places: int, seen: int) -> list[EntryUse]:
    """What stands for the targets of an entry of which some are looked at and others are not."""
    if not seen or seen >= places:
        return []
    why = f"{places - seen} of {places} targets are not looked at"
    return [EntryUse(seen=Seen.UNKNOWN, why=(why,))]


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
