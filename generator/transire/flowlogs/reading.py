"""From sources to records: lines are unwrapped, their formats found, and the rest is counted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import BinaryIO

from msgspec.structs import replace

from transire.flowlogs.documents import whole
from transire.flowlogs.envelopes import Inner, unwrapped
from transire.flowlogs.format import BARE, Format
from transire.flowlogs.lines import Line, Source, lines
from transire.flowlogs.record import Flow, Record, Unreadable
from transire.flowlogs.registry import recognised
from transire.flowlogs.tally import Tally

WINDOW = 1 << 16
"""Lines behind that a line is held against, of all sources, to find one that comes twice."""
_NO_FORMAT = "of no format that is known"


def read(
    found: Iterable[Source],
    tally: Tally,
    *,
    stdin: BinaryIO,
    format_: Format | None = None,
    window: Window | None = None,
    heard: Callable[[int], None] | None = None,
) -> Iterator[Record]:
    """The records of all sources, one after another; `tally` counts what they are and are not.

    With a format, every line is read as that. A window holds what was read before, and then these.
    `heard` is called with the bytes that are read.

    Raises:
        DiskFailed: if a source cannot be opened or read.
    """
    seen = Window() if window is None else window
    for source in found:
        yield from _of_source(source, tally, lines(source, stdin, heard), seen, format_)


def _of_source(
    source: Source, tally: Tally, found: Iterator[Line], seen: Window, format_: Format | None
) -> Iterator[Record]:
    last = format_
    shown = source.shown
    for line in whole(found):
        tally.end = max(tally.end, line.number)
        if line.fault:
            tally.lines += 1
            tally.unread(shown, line.number, line.fault)
            continue
        if not line.content:
            continue
        tally.lines += 1
        for inner in _unwrapped(line, tally, shown):
            last = format_ or _format_of(inner.line, last)
            if seen.again(last.same(inner.line) if last else inner.line, inner.at):
                tally.duplicates += 1
                continue
            if last is None:
                tally.unread(shown, line.number, _NO_FORMAT)
                continue
            record = _record(last, inner, tally, shown, line.number)
            if record is not None:
                tally.record(last.name, record)
                yield record


def read_line(line: Line, shown: str, tally: Tally) -> Iterator[tuple[str, bytes, Record]]:
    """The records of one line, each with its format's name and without its envelope."""
    for inner in _unwrapped(line, tally, shown):
        format_ = recognised(inner.line)
        if format_ is None:
            tally.unread(shown, line.number, _NO_FORMAT)
            continue
        record = _record(format_, inner, tally, shown, line.number)
        if record is not None:
            tally.record(format_.name, record)
            yield format_.name, inner.line, record


_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of lines that somebody made on purpose; none of them may end a run."""


def _unwrapped(line: Line, tally: Tally, source: str) -> Sequence[Inner]:
    if line.content.startswith(BARE):
        return (Inner(line.content),)
    try:
        return list(unwrapped(line.content))
    except Unreadable as why:
        tally.unread(source, line.number, str(why))
        return []
    except _ODD:
        tally.unread(source, line.number, "an envelope of another form")
        return []


def _format_of(line: bytes, last: Format | None) -> Format | None:
    """Neighbours mostly have one format."""
    return last if last is not None and last.recognises(line) else recognised(line)


def _record(format_: Format, inner: Inner, tally: Tally, source: str, number: int) -> Record | None:
    try:
        record = format_.read(inner.line)
    except Unreadable as why:
        tally.unread(source, number, f"{format_.name}: {why}")
        return None
    except _ODD:
        tally.unread(source, number, f"{format_.name}: a field of another form")
        return None
    if record is None:
        tally.other += 1
    elif record.first is None and inner.at is not None:
        return _timed(record, inner.at)
    return record


def _timed(record: Record, at: float) -> Record:
    """The record with the time of what was around its line."""
    if isinstance(record, Flow):
        lacks = tuple(each for each in record.lacks if each != "time")
        return replace(record, first=at, last=at, lacks=lacks)
    return replace(record, first=at, last=at)


class Window:
    """The last lines, at least `WINDOW` of them, by their hashes, which differ by run."""

    def __init__(self) -> None:
        self._new: set[int] = set()
        self._old: set[int] = set()

    def again(self, line: Hashable, at: float | None) -> bool:
        """Whether the line is among them, of the same time where that stood around it."""
        digest = hash(line) if at is None else hash((line, at))
        if digest in self._new or digest in self._old:
            return True
        self._new.add(digest)
        if len(self._new) > WINDOW:
            self._old, self._new = self._new, set()
        return False
