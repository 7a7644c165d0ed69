"""What is left of values files beside the mistakes in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from transire.model.guardrail import Guardrails
from transire.model.intent import InCluster, Mode, Organisation, Platform, Rule, Team
from transire.model.problems import Problem
from transire.values.doubts import Doubtful, Doubts
from transire.values.guardrails.registry import GUARDRAILS
from transire.values.platform import BY_SETTING, PlatformPart
from transire.values.readable import Readable
from transire.values.references import References
from transire.workspace.value_paths import PLATFORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What was read in part: values that were kept, and the text of files that are no YAML.

    `decided` is the platform where it was read without a gap.
    """

    parts: Sequence[object]
    decided: Platform | None = None
    platform_text: str = ""
    exceptions_text: str = ""

    @property
    def platform(self) -> PlatformPart:
        """The platform's file as far as it could be read."""
        if self.decided is not None:
            return PlatformPart(platform=self.decided, unread=frozenset())
        found = (each for each in self.parts if isinstance(each, PlatformPart))
        return next(found, PlatformPart(platform=_nothing(self.platform_text), unread=None))

    @property
    def doubts(self) -> Doubts:
        """The exceptions that could not be read."""
        found = (each for each in self.parts if isinstance(each, Doubtful))
        return Doubts(exceptions=tuple(found), text=self.exceptions_text)

    def teams(self) -> Iterable[Team]:
        """Teams of whose files a part could be read."""
        return (each for each in self.parts if isinstance(each, Team))

    def rules(self, path: str) -> tuple[Rule, ...]:
        """Rules in the file at `path` of which a part could be read."""
        rules = (each for each in self.parts if isinstance(each, Rule))
        return tuple(each for each in rules if each.at.path == path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The teams that have a file and the clusters of the platform's, None where they are hidden."""

    teams: frozenset[str]
    clusters: frozenset[str] | None


def readable(
    whole: Organisation | None,
    known: Organisation,
    gaps: Gaps,
    problems: tuple[Problem, ...],
    names: Names,
) -> Readable:
    """The whole organisation, or what is `known` of it beside the gaps.

    The platform and the teams of `known` are those without a gap.
    """
    if whole is not None:
        return Readable(
            organisation=whole,
            parts=whole,
            whole_teams=frozenset(each.name for each in whole.teams),
            team_names=names.teams,
            clusters=names.clusters,
            unread=frozenset(),
            doubts=Doubts(),
            problems=problems,
        )
    clusters = frozenset(each.name for each in known.platform.clusters)
    teams = [_on(clusters, each) for each in (*known.teams, *gaps.teams())]
    teams.sort(key=lambda each: each.name)
    organisation = replace(known, teams=tuple(teams))
    return Readable(
        organisation=organisation,
        parts=_with_parts(organisation, gaps),
        whole_teams=frozenset(each.name for each in known.teams),
        team_names=names.teams,
        clusters=names.clusters,
        unread=gaps.platform.unread,
        doubts=gaps.doubts,
        problems=problems,
    )


def _with_parts(organisation: Organisation, gaps: Gaps) -> Organisation:
    platform = organisation.platform
    return replace(
        organisation,
        platform=replace(platform, everyone=(*platform.everyone, *gaps.rules(platform.path))),
        teams=tuple(
            replace(each, rules=(*each.rules, *gaps.rules(each.path)))
            for each in organisation.teams
        ),
    )


def _on(clusters: frozenset[str], team: Team) -> Team:
    """The team as it publishes to these clusters."""
    publications = tuple(each for each in team.publications if each.cluster in clusters)
    return replace(team, publications=publications)


def _nothing(text: str) -> Platform:
    """A platform of which nothing could be read; a guardrail that its text names may be off."""
    usual = References()
    off = {*BY_SETTING.values(), *(each for each in GUARDRAILS if each in text)}
    return Platform(
        path=PLATFORM,
        mode=Mode.ENFORCE,
        ports=usual.ports,
        in_cluster=InCluster.DECLARED,
        clusters=(),
        guardrails=Guardrails(levels=dict.fromkeys(off)),
    )
