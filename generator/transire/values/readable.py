"""What values files hold as far as they can be read, for judging it beside their mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from transire.model.intent import Organisation
from transire.model.problems import Problem
from transire.values.doubts import Doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """Values files as far as they can be read.

    Where there are no `problems`, `organisation` is all of it. Else it holds what is whole: rules,
    clusters, exceptions, and teams with those of their rules and namespaces that are. `parts` has
    besides every rule of which a part could be read, with stand-ins of which no finding can come.
    `whole_teams` names the teams without a gap, `team_names` all that have a file, and `clusters`
    all clusters, None where their names are hidden. `unread` has the keys of the platform's file
    whose values have gaps, and is None where nothing of the file could be read. `sources` has the
    SHA-256 of each file as it was read, by path.
    """

    organisation: Organisation
    parts: Organisation
    whole_teams: frozenset[str]
    team_names: frozenset[str]
    clusters: frozenset[str] | None
    unread: frozenset[str] | None
    doubts: Doubts
    problems: tuple[Problem, ...]
    sources: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def has(self, *keys: str) -> bool:
        """Whether the values of these keys of the platform's file were read without a gap."""
        return self.unread is not None and self.unread.isdisjoint(keys)
