"""`audit`: what logs saw of the entries of values."""

from __future__ import annotations

from collections.abc import Iterable

from transire.commands.arguments import StrPath, files_at, folder_at, several
from transire.commands.read_logs import read_logs
from transire.engines.registry import engine_of
from transire.meaning.target import Target, all_targets
from transire.model.engine import Traits
from transire.model.intent import Organisation
from transire.model.problems import UsageError
from transire.review.usage.audit import Audit, Places, Standing, audited
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

    Raises:
        Rejected: if the values hold mistakes.
        UsageError: if a log, a team, the cluster or the format does not exist.
        DiskFailed: if a log cannot be read.
    """
    organisation = load(folder_at(root), None)
    targets = targets_named(organisation, several(teams), cluster)
    if days < 1:
        raise UsageError(f"{days} days are no time: write a number from 1")
    sightings, coverage = read_logs(files_at(logs), format_)
    places = Places(all_targets(organisation), cluster)
    return audited(places, targets, sightings, coverage, days)


def targets_named(
    organisation: Organisation, teams: tuple[str, ...], cluster: str
) -> dict[str, tuple[Target, Traits]]:
    """Targets by name, those of some teams and of one cluster where they are named.

    Raises:
        UsageError: if a team or the cluster does not exist.
    """
    known = {each.name for each in organisation.teams}
    if unknown := sorted(set(teams) - known):
        raise UsageError(f"there is no team {', '.join(map(repr, unknown))}")
    names = {each.name for each in organisation.platform.clusters}
    if cluster and cluster not in names:
        raise UsageError(f"there is no cluster {cluster!r}; there are {', '.join(sorted(names))}")
    return {
        each.name: (each, engine_of(each.cluster.release).traits(each.cluster))
        for each in all_targets(organisation)
        if (not teams or each.team in teams) and (not cluster or each.cluster.name == cluster)
    }


def audit_exit_code(found: Audit, *, fail: bool) -> int:
    """1 where an entry is unused and that is to fail, 3 where some could not be judged, else 0."""
    if fail and any(each.standing is Standing.UNUSED for each in found.uses):
        return 1
    return 3 if found.thin else 0
