"""When something ends: with a day, or at a time of day.

All days are those of UTC. What ends with a day holds on that day itself, to its last instant; what
ends at a time holds up to that time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from transire.model.problems import Position

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"
)
_NOWHERE = Position(path="")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class End:
    """The last instant at which something holds, in UTC.

    `whole_day` is true where only a day was written; the instant is then the last one of that day.
    """

    last: datetime
    whole_day: bool = False
    at: Position = field(default=_NOWHERE, compare=False, repr=False)

    @classmethod
    def on(cls, day: date, at: Position = _NOWHERE) -> End:
        """The end of that day in UTC."""
        return cls(last=last_instant(day), whole_day=True, at=at)

    @property
    def day(self) -> date:
        """The last day on which it holds, if only for a part of it."""
        return self.last.date()

    @property
    def when(self) -> str:
        """The end with its preposition, for a sentence: `on` a day, `at` a time."""
        return f"on {self}" if self.whole_day else f"at {self}"

    def passed(self, as_of: datetime) -> bool:
        """Whether it holds no longer at that instant."""
        return self.last < as_of

    def days(self, as_of: datetime) -> int:
        """How many days of UTC lie ahead, 0 on the last one; negative afterwards."""
        return (self.day - as_of.date()).days

    def __str__(self) -> str:
        if self.whole_day:
            return self.day.isoformat()
        return self.last.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def last_instant(day: date) -> datetime:
    """The last instant of a day in UTC: whatever ends at a time of that day is over by then."""
    return datetime.combine(day, time.max, UTC)


def is_moment(written: str) -> bool:
    """Whether the text has the form of a time with its offset from UTC."""
    return _MOMENT.fullmatch(written) is not None


def moment(written: str) -> datetime:
    """A time as RFC 3339 writes it, with seconds and an offset, in UTC.

    Raises:
        ValueError: if it is in another form, or no time of the calendar.
    """
    if not is_moment(written):
        raise ValueError(f"{written!r} is no time with an offset from UTC")
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{written} lies outside of the calendar") from error


def instant(as_of: date | None) -> datetime:
    """The instant that ends are held against: a moment, a day's last instant, or now without one.

    Raises:
        ValueError: for a moment without an offset from UTC.
    """
    if as_of is None:
        return datetime.now(UTC)
    if not isinstance(as_of, datetime):
        return last_instant(as_of)
    if as_of.tzinfo is None:
        raise ValueError(f"{as_of.isoformat()} has no offset from UTC")
    return as_of.astimezone(UTC)
