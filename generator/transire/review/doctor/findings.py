"""What a diagnosis comes to: causes with their evidence, and what could not be seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How much a cause explains; the order of causes follows it.

    Whatever is heavier is nearer to the root, or has more that shows it.
    """

    TRAIT = 10
    """It can lead to such a symptom, and nothing shows that it did."""
    FITS = 30
    """It explains the symptom, and other causes do as well."""
    SHOWN = 50
    """Objects show it, and they concern what the symptom names."""
    PROVEN = 70
    """Objects show it, and so do logs, or a condition of the cluster."""
    ROOT = 90
    """Without it none of the others would be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where something stands, as a JSON pointer or as lines from 1, and what it shows."""

    file: str
    at: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A cause by the name of its module, in a sentence, with what shows it and what mends it."""

    id: str
    text: str
    evidence: tuple[Evidence, ...]
    fix: str
    weight: int

    def __repr__(self) -> str:
        return f"<Cause {self.id} ({self.weight}): {self.text}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What the diagnosis could not look at, and the command that shows it."""

    what: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """Causes, the best first, and what was not seen; `judged`: whether anything could be."""

    causes: tuple[Cause, ...]
    unseen: tuple[Unseen, ...]
    judged: bool
