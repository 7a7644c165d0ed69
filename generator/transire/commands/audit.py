"""`audit`: what logs saw of the entries of values."""

from __future__ import annotations

from collections.abc import Iterable

from transire.commands.arguments import StrPath, files_at, folder_at, several
from transire.commands.named_targets import targets_named
from transire.commands.read_logs import read_logs
from transire.meaning.target import all_targets
from transire.model.problems import UsageError
from transire.pipeline.progress import Watch
from transire.review.usage.audit import Audit, Standing, audited
from transire.review.usage.places import Places
from transire.values.load import load

USUAL_DAYS = 90
"""Days within which an entry has to be used, where nothing else is given."""


def audit(
    root: StrPath,
    logs: StrPath | Iterable[StrPath],
    *,
    teams: str | Iterable[str] = (),
    cluster: str = "",
    format_: str = "",
    days: int = USUAL_DAYS,
    watch: Watch | None = None,
) -> Audit:
    """Hold every entry of the values against what logs saw.

    Args:
        root: the policy repository.
        logs: files and folders of logs, packed or not; `-` is standard input.
        teams: the teams whose entries are looked at; without any, all.
        cluster: the cluster of which all lines are; without one, what lines name, or the only one
            that has their namespace.
        format_: how every line is read; without a name, each as what it looks like.
        days: the time within which an entry has to be used.
        watch: is called with the bytes of logs that are read, and those that there are.

    Raises:
        Rejected: if the values hold mistakes.
        UsageError: if a log, a team, the cluster or the format does not exist.
        DiskFailed: if a log cannot be read.
    """
    organisation = load(folder_at(root), None)
    targets = targets_named(organisation, several(teams), cluster)
    if days < 1:
        raise UsageError(f"{days} days are no time: write a number from 1")
    sightings, coverage = read_logs(files_at(logs), format_, watch)
    places = Places(all_targets(organisation), cluster)
    return audited(places, targets, sightings, coverage, days)


def audit_exit_code(found: Audit, *, fail: bool) -> int:
    """1 where an entry is unused and that is to fail, 3 where some could not be judged, else 0."""
    if fail and any(each.standing is Standing.UNUSED for each in found.uses):
        return 1
    return 3 if found.thin else 0
