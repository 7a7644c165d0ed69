"""Why something cannot be expressed."""

from __future__ import annotations

from dataclasses import dataclass

from transire.model.problems import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What cannot be expressed: an id for lists and exceptions, the reason, what would work.

    `proposal` is what the remedy proposes to write, where that is one value.
    """

    id: str
    why: str
    remedy: str
    proposal: Proposal | None = None
