"""One entry of the values that breaks a guardrail."""

from __future__ import annotations

from dataclasses import dataclass

from transire.model.problems import Level, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry that breaks a guardrail.

    `team` is empty for the platform's own entries; `entry` is the rule's name, or the namespace
    where the guardrail is about one: the pair is what an exception names. `level` is given where
    this case weighs less than the guardrail's own.
    """

    team: str
    entry: str
    at: Position
    message: str
    help: str
    level: Level | None = None
