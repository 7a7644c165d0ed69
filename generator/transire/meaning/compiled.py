"""Values, compiled for every target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from transire.meaning.target import Lowered, Target, Values
from transire.model.intent import Organisation, Team
from transire.model.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTeam:
    """One team with its targets, and what its engines make of each, by target name."""

    team: Team
    targets: tuple[Target, ...]
    lowered: Mapping[str, Lowered]

    def __repr__(self) -> str:
        return f"<CompiledTeam {self.team.name} targets={len(self.targets)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The organisation, lowered.

    `teams` holds those that were selected, sorted by name; `whole` means that these are all.
    `baselines` and `tiers` hold values by cluster, for every cluster that those teams publish to.
    `warnings` is what people should see although nothing stops, at the instant `as_of`. `sources`
    has the SHA-256 of each values file from which all of it follows, as it was read, by path; where
    it is empty, nobody knows them.
    """

    organisation: Organisation
    teams: tuple[CompiledTeam, ...]
    whole: bool
    baselines: Mapping[str, Lowered]
    tiers: Mapping[str, Values]
    as_of: datetime
    warnings: tuple[Problem, ...]
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        counts = f"teams={len(self.teams)} targets={self.target_count}"
        return f"<Compiled as_of={self.as_of.date()} {counts}>"

    @property
    def target_count(self) -> int:
        """How many targets those teams have."""
        return sum(len(each.targets) for each in self.teams)
