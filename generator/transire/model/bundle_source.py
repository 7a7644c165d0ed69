"""Where a bundle is from that nobody wrote by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from transire.model.problems import Position

_NOWHERE = Position(path="")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSource:
    """The vendor's file of which a bundle was made: of which day, and what filters left of it."""

    vendor: str
    day: date
    version: str = ""
    only: tuple[str, ...] = ()
    day_at: Position = field(default=_NOWHERE, compare=False, repr=False)
