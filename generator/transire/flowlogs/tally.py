"""What was read, and what was not: the ground that answers about logs stand on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from transire.flowlogs.record import Flow, Lookup, Lost, Record
from transire.flowlogs.times import DAY

GAP = 6 * 3600
"""Seconds without any line that are a gap: nights are quiet, and resolvers are not."""
STRAY = 365 * DAY
"""Seconds between all other lines and those of a clock that was wrong, or of another time."""
_FEW = 1_000
"""Lines of which at most one may be of a clock that was wrong."""
_HOUR = 3600
_LONGEST = 48
"""Hours that one line may stand for as a whole; agents write at least every few minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Lines of one source that are no records, for one reason; the first of them by its number."""

    source: str
    why: str
    count: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a run of reading saw.

    `records` counts them by format. `first` and `last` are seconds since the epoch, None without
    any time. `lacks` counts flows by a field that they lack, `lost` events by what lost them.
    """

    lines: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    other: int = 0
    """Lines about no connection: the state of a node, a request that comes again as its answer."""
    duplicates: int = 0
    unread: tuple[Unread, ...] = ()
    first: float | None = None
    last: float | None = None
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    gaps: tuple[tuple[float, float], ...] = ()
    """From when to when no line has a time, where that is longer than `GAP`."""
    stray: int = 0
    """Records a year or more from all others and few beside them, which the times leave out."""
    lacks: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    names_cut: int = 0
    without_time: int = 0

    @property
    def days(self) -> float | None:
        """Days from the first time to the last, None without any."""
        if self.first is None or self.last is None:
            return None
        return (self.last - self.first) / DAY


class _Hour:
    """The records of one hour: how many begin in it, and its first and last times.

    What a record only goes on through has no time of its own.
    """

    __slots__ = ("count", "first", "last")

    def __init__(self) -> None:
        self.count = 0
        self.first, self.last = math.inf, -math.inf

    def see(self, first: float, last: float, count: int) -> None:
        """So many more, in that time."""
        self.count += count
        self.first = min(self.first, first)
        self.last = max(self.last, last)


def _gaps(hours: Iterable[int]) -> Iterator[tuple[float, float]]:
    for before, after in pairwise(sorted(hours)):
        begin, end = float((before + 1) * _HOUR), float(after * _HOUR)
        if end - begin > GAP:
            yield begin, end


def _without_strays(hours: Mapping[int, _Hour]) -> tuple[Mapping[int, _Hour], int]:
    """The hours without those of clocks that were wrong, and how many records those have.

    It is those a year or more from all others, where they are few beside the most of them.
    """
    runs: list[list[int]] = []
    for number in sorted(hours):
        if runs and (number - runs[-1][-1]) * _HOUR < STRAY:
            runs[-1].append(number)
        else:
            runs.append([number])
    counts = [sum(hours[each].count for each in run) for run in runs]
    most = max(counts, default=0)
    kept = [run for run, count in zip(runs, counts, strict=True) if count * _FEW > most]
    return {each: hours[each] for run in kept for each in run}, sum(
        count for count in counts if count * _FEW <= most
    )


class Tally:
    """Counts while lines are read; `coverage` gives what was counted."""

    def __init__(self) -> None:
        self.lines = self.other = self.duplicates = 0
        self.end = 0
        """The number of the last line of a source."""
        self._records: Counter[str] = Counter()
        self._unread: dict[tuple[str, str], list[int]] = {}
        self._lacks: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._clusters: set[str] = set()
        self._namespaces: set[str] = set()
        self._hours: dict[int, _Hour] = {}
        self._names_cut = self._without_time = 0

    def unread(self, source: str, number: int, why: str) -> None:
        """A line that is no record."""
        found = self._unread.setdefault((source, why), [0, number])
        found[0] += 1
        found[1] = min(found[1], number)

    def record(self, format_: str, record: Record) -> None:
        """A record of a format."""
        self._records[format_] += 1
        self._see(record.first, record.last)
        match record:
            case Flow():
                if record.lacks:
                    self._lacks.update(record.lacks)
                if record.names_cut:
                    self._names_cut += 1
                self._clusters.add(record.source.cluster)
                self._namespaces.add(record.source.namespace)
            case Lookup():
                self._namespaces.add(record.client.namespace)
            case Lost():
                self._lost[record.what] += record.count

    def _see(self, first: float | None, last: float | None) -> None:
        if first is None or last is None:
            self._without_time += 1
            return
        begin, end = int(first // _HOUR), int(last // _HOUR)
        self._hour(begin).see(first, last if begin == end else first, 1)
        if begin != end:
            self._hour(end).see(last, last, 0)
            for each in range(begin + 1, end if end - begin <= _LONGEST else begin):
                self._hour(each)

    def _hour(self, number: int) -> _Hour:
        found = self._hours.get(number)
        if found is None:
            found = self._hours[number] = _Hour()
        return found

    def absorb(self, other: Tally, *, after: int = 0) -> None:
        """What another counted, whose first line comes after so many of the same source."""
        self.lines += other.lines
        self.other += other.other
        self.duplicates += other.duplicates
        self._records.update(other._records)
        self._lacks.update(other._lacks)
        self._lost.update(other._lost)
        self._clusters |= other._clusters
        self._namespaces |= other._namespaces
        for number, hour in other._hours.items():
            self._hour(number).see(hour.first, hour.last, hour.count)
        self._names_cut += other._names_cut
        self._without_time += other._without_time
        for key, (count, first) in other._unread.items():
            found = self._unread.setdefault(key, [0, first + after])
            found[0] += count
            found[1] = min(found[1], first + after)

    def coverage(self) -> Coverage:
        """What was counted up to now."""
        unread = (
            Unread(source=source, why=why, count=count, first=first)
            for (source, why), (count, first) in self._unread.items()
        )
        hours, stray = _without_strays(self._hours)
        return Coverage(
            lines=self.lines,
            records=dict(sorted(self._records.items())),
            other=self.other,
            duplicates=self.duplicates,
            unread=tuple(sorted(unread, key=lambda each: (each.source, each.first, each.why))),
            first=min((hour.first for hour in hours.values()), default=None),
            last=max((hour.last for hour in hours.values()), default=None),
            clusters=tuple(sorted(self._clusters - {""})),
            namespaces=tuple(sorted(self._namespaces - {""})),
            gaps=tuple(_gaps(hours)),
            stray=stray,
            lacks=dict(sorted(self._lacks.items())),
            lost=dict(sorted(self._lost.items())),
            names_cut=self._names_cut,
            without_time=self._without_time,
        )
