"""The targets that a command looks at: those of all teams and clusters, or of those it names."""

from __future__ import annotations

from collections.abc import Iterable

from transire.engines.registry import engine_of
from transire.meaning.target import Target, all_targets, targets_without_team
from transire.model.engine import Traits
from transire.model.intent import Organisation
from transire.model.problems import UsageError


def targets_named(
    organisation: Organisation, teams: tuple[str, ...], cluster: str
) -> dict[str, tuple[Target, Traits]]:
    """Targets by name, those of some teams and of one cluster where they are named.

    Raises:
        UsageError: if a team or the cluster does not exist.
    """
    check_teams(teams, (each.name for each in organisation.teams))
    if cluster:
        check_cluster(cluster, (each.name for each in organisation.platform.clusters))
    return {
        each.name: (each, engine_of(each.cluster.release).traits(each.cluster))
        for each in all_targets(organisation)
        if (not teams or each.team in teams) and (not cluster or each.cluster.name == cluster)
    }


def check_teams(teams: Iterable[str], known: Iterable[str]) -> None:
    """Stop where a team is named that there is not.

    Raises:
        UsageError: if so.
    """
    names = sorted(known)
    if unknown := sorted(set(teams) - set(names)):
        shown = ", ".join(map(repr, unknown))
        raise UsageError(f"there is no team {shown}; the teams are {', '.join(names)}")


def check_cluster(name: str, known: Iterable[str]) -> None:
    """Stop where a cluster is named that there is not.

    Raises:
        UsageError: if so.
    """
    names = sorted(known)
    if name not in names:
        raise UsageError(f"there is no cluster {name!r}; the clusters are {', '.join(names)}")


def target_named(organisation: Organisation, name: str) -> Target:
    """The target `NAMESPACE.CLUSTER`, that of a namespace which only the platform enrols included.

    Raises:
        UsageError: if there is none of that name.
    """
    found = target_of(organisation, name)
    if found is None:
        known = ", ".join(each.name for each in all_targets(organisation))
        raise UsageError(f"there is no target {name!r}; the targets are {known}")
    return found


def target_of(organisation: Organisation, name: str) -> Target | None:
    """The same, and None where there is none of that name among the teams that were read."""
    found = next((each for each in all_targets(organisation) if each.name == name), None)
    if found is not None or organisation.others:
        return found
    alone = (
        each
        for cluster in organisation.platform.clusters
        for each in targets_without_team(organisation, cluster)
    )
    return next((each for each in alone if each.name == name), None)
