"""What was read, and what was not: the ground that answers about logs stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from transire.flowlogs.record import Flow, Lookup, Lost, Record
from transire.flowlogs.times import DAY

GAP = 6 * 3600
"""Seconds without any line that are a gap: nights are quiet, and resolvers are not."""
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
        self._first: float | None = None
        self._last: float | None = None
        self._hours: set[int] = set()
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
                self._lacks.update(record.lacks)
                self._names_cut += record.names_cut
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
        self._hours.update(range(begin, end + 1) if end - begin <= _LONGEST else (begin, end))
        self._first = first if self._first is None else min(first, self._first)
        self._last = last if self._last is None else max(last, self._last)

    def _gaps(self) -> Iterator[tuple[float, float]]:
        for before, after in pairwise(sorted(self._hours)):
            begin, end = float((before + 1) * _HOUR), float(after * _HOUR)
            if end - begin > GAP:
                yield begin, end

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
        self._hours |= other._hours
        self._names_cut += other._names_cut
        self._without_time += other._without_time
        for key, (count, first) in other._unread.items():
            found = self._unread.setdefault(key, [0, first + after])
            found[0] += count
            found[1] = min(found[1], first + after)
        if other._first is not None and other._last is not None:
            self._first = min(other._first, other._first if self._first is None else self._first)
            self._last = max(other._last, other._last if self._last is None else self._last)

    def coverage(self) -> Coverage:
        """What was counted up to now."""
        unread = (
            Unread(source=source, why=why, count=count, first=first)
            for (source, why), (count, first) in self._unread.items()
        )
        return Coverage(
            lines=self.lines,
            records=dict(sorted(self._records.items())),
            other=self.other,
            duplicates=self.duplicates,
            unread=tuple(sorted(unread, key=lambda each: (each.source, each.first, each.why))),
            first=self._first,
            last=self._last,
            clusters=tuple(sorted(self._clusters - {""})),
            namespaces=tuple(sorted(self._namespaces - {""})),
            gaps=tuple(self._gaps()),
            lacks=dict(sorted(self._lacks.items())),
            lost=dict(sorted(self._lost.items())),
            names_cut=self._names_cut,
            without_time=self._without_time,
        )
