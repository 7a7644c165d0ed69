"""The teams and clusters that can be judged beside mistakes in values, and what cannot.

A target is left out where its result could depend on what is wrong: its team's file, its cluster,
or a part of the platform's file from which its objects follow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from transire.charts.layout import CHARTS
from transire.engines.registry import tiered
from transire.meaning.compiled import Compiled
from transire.model.ends import instant
from transire.model.intent import Organisation, Team
from transire.model.problems import Level, Position, Problem
from transire.pipeline.compile import compile_some, follows_from_networks, refused_clusters
from transire.values.load import read
from transire.values.readable import Readable

_SHARED = ("defaults", "everyone", "system")
"""Keys of the platform's file from which the objects of every target follow."""
_OF_FILES = ("admission", "argocd", "clusters", "codeowners", "enrol", "networks", "organisation",
             "publish", "teams", "tier")  # fmt: skip
"""Keys from which other generated files follow, or what is written into them."""

_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPart:
    """What can be judged beside mistakes.

    `compiled` holds the teams that can, each with its namespaces on sound clusters. `teams` and
    `clusters` are left out. `has_files` is true where generated files of those teams can be
    compared, and `has_platform` where the platform's own charts can be judged with them.
    """

    compiled: Compiled
    teams: tuple[str, ...]
    clusters: tuple[str, ...]
    has_files: bool
    has_platform: bool

    @property
    def note(self) -> Problem:
        """What is not judged, in one line."""
        parts = [f"the charts of {_listed(self.teams)}"] if self.teams else []
        parts += [f"what is on {_listed(self.clusters)}"] if self.clusters else []
        parts.append("the platform's charts as a whole")
        left = ", ".join(parts) if self.compiled.teams else "any chart"
        return Problem(
            at=Position(path=CHARTS),
            id="not-looked-at",
            level=Level.NOTE,
            message=f"not judged beside the mistakes: {left}, and whether generated files are in "
            "step and expectations are met",
            help="correct the mistakes in the values, and run transire check again",
            follows=True,
        )


def sound_part(
    root: Path, mistakes: Iterable[Problem], names: Sequence[str], as_of: date | None
) -> SoundPart:
    """What of the values at `root` can be judged beside the mistakes in them.

    With `names` only those teams are.
    """
    found = read(root)
    wrong = {each.at.path for each in mistakes if each.level is Level.ERROR}
    whole = tuple(
        each
        for each in found.organisation.teams
        if each.name in found.whole_teams
        and each.path not in wrong
        and (not names or each.name in names)
        and not follows_from_networks(each, found)
    )
    organisation = replace(found.organisation, teams=whole)
    clusters = _sound_clusters(organisation, found)
    compiled = _compiled(organisation, clusters, found, as_of)
    judged = {each.team.name for each in compiled.teams}
    gone = tuple(sorted((found.clusters or frozenset()) - clusters))
    return SoundPart(
        compiled=compiled,
        teams=tuple(each for each in sorted(names or found.team_names) if each not in judged),
        clusters=gone if judged else (),
        has_files=found.has(*_OF_FILES) and not gone,
        has_platform=found.unread == frozenset() and not gone,
    )


def _sound_clusters(organisation: Organisation, found: Readable) -> frozenset[str]:
    """The clusters that were read whole, with all from which their objects follow."""
    refused = refused_clusters(organisation)
    return frozenset(
        each.name
        for each in organisation.platform.clusters
        if each.name not in refused
        and found.has(*_SHARED, *(["tier"] if tiered(each.release) else []))
    )


def _compiled(
    organisation: Organisation, clusters: frozenset[str], found: Readable, as_of: date | None
) -> Compiled:
    """The teams as far as they are on these clusters; a team that an engine refuses is not."""
    teams = (_on(clusters, each) for each in organisation.teams)
    there = replace(organisation, teams=tuple(each for each in teams if each.publications))
    compiled = compile_some(there, instant(as_of))
    whole = [each for each in compiled.teams if len(each.lowered) == len(each.targets)]
    kept = tuple(each.team for each in whole)
    others = found.team_names - {each.name for each in kept}
    return replace(
        compiled,
        organisation=replace(organisation, teams=kept, others=others),
        teams=tuple(whole),
    )


def _on(clusters: Collection[str], team: Team) -> Team:
    return replace(
        team, publications=tuple(each for each in team.publications if each.cluster in clusters)
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    if more > 0:
        return f"{', '.join(names[:_MOST])} and {more} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
