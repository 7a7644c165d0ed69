"""Kinds of objects that the charts hold.

Projects, roles and health checks name kinds one by one: what is not declared cannot be published.
Kinds of both modes are declared wherever a release has them, because a namespace that moves from
audit to enforce needs its staged policies deleted by the same account.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Kind:
    """A kind: API group, kind, and the plural that roles name.

    `namespaced` as the API has it; `tiered` where objects are authorised by their tier as well;
    `staged` where they only show what they would do.
    """

    group: str
    kind: str
    resource: str
    namespaced: bool = True
    tiered: bool = False
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """What one release's charts hold, each tuple sorted.

    `team` is what a team's chart holds, `baseline` what the baseline holds, and `tier` the kind of
    a tier where policies live in one.
    """

    team: tuple[Kind, ...]
    baseline: tuple[Kind, ...]
    tier: Kind | None = None
    tier_roles: tuple[str, ...] = ()
    """Resources that a role names to allow writing policies of a tier."""

    def __post_init__(self) -> None:
        if not self.team or not self.baseline:
            raise ValueError("an engine without kinds publishes nothing")

    @property
    def cluster_wide(self) -> tuple[Kind, ...]:
        """Kinds of the baseline that belong to no namespace; none on an engine without such."""
        return tuple(each for each in self.baseline if not each.namespaced)
