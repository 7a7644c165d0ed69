"""What exceptions may be for, and those whose team or entry is gone."""

from __future__ import annotations

from collections.abc import Mapping

from transire.model.intent import Organisation
from transire.model.waiver import Waiver


def gone(waiver: Waiver, organisation: Organisation, entries: Mapping[str, frozenset[str]]) -> str:
    """What the exception names that is not there, for a sentence; empty where it is or may be."""
    if waiver.team in organisation.others:
        return ""
    if waiver.team not in entries:
        return f"there is no team {waiver.team!r}"
    return "" if waiver.entry in entries[waiver.team] else f"there is no entry {waiver.entry!r}"


def entries_of(organisation: Organisation) -> Mapping[str, frozenset[str]]:
    """What exceptions may name: rules, namespaces and the team itself, by team.

    Under the empty name: rules for everyone, enrolled namespaces, clusters, known networks and
    bundles.
    """
    platform = organisation.platform
    own = {
        team.name: frozenset(
            {
                team.name,
                *(rule.name for rule in team.rules),
                *(each.namespace for each in team.publications),
            }
        )
        for team in organisation.teams
    }
    shared = {
        *(each.name for each in platform.everyone),
        *(each.name for each in platform.clusters),
        *(each.name for each in platform.networks),
        *(each.name for each in organisation.bundles),
        *platform.enrol,
    }
    return {"": frozenset(shared), **own}
