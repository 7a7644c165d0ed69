"""Why something cannot be expressed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What cannot be expressed: an id for lists and exceptions, the reason, what would work."""

    id: str
    why: str
    remedy: str
