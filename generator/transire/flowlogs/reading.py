"""From sources to records: lines are unwrapped, their formats found, and the rest is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import BinaryIO

from transire.flowlogs.envelopes import unwrapped
from transire.flowlogs.format import Format
from transire.flowlogs.lines import MAX_LINE, Line, Source, lines
from transire.flowlogs.record import Record, Unreadable
from transire.flowlogs.registry import recognised
from transire.flowlogs.tally import Tally

WINDOW = 1 << 15
"""Lines behind that a line is held against, to find one that comes twice."""
_OPENINGS = (b"{", b"[")
_NO_FORMAT = "of no format that is known"


def read(
    found: Iterable[Source], tally: Tally, *, stdin: BinaryIO, format_: Format | None = None
) -> Iterator[Record]:
    """The records of all sources, one after another; `tally` counts what they are and are not.

    With a format, every line is read as that.

    Raises:
        DiskFailed: if a source cannot be opened or read.
    """
    for source in found:
        yield from _of_source(source, tally, stdin, format_)


def _of_source(
    source: Source, tally: Tally, stdin: BinaryIO, format_: Format | None
) -> Iterator[Record]:
    seen = _Window()
    last = format_
    for line in _whole(lines(source, stdin)):
        tally.lines += 1
        if line.fault:
            tally.unread(source.shown, line.number, line.fault)
            continue
        for inner in _unwrapped(line, tally, source.shown):
            if seen.again(inner):
                tally.duplicates += 1
                continue
            last = format_ or _format_of(inner, last)
            if last is None:
                tally.unread(source.shown, line.number, _NO_FORMAT)
                continue
            record = _record(last, inner, tally, source.shown, line.number)
            if record is not None:
                tally.record(last.name, record)
                yield record


_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of lines that somebody made on purpose; none of them may end a run."""


def _unwrapped(line: Line, tally: Tally, source: str) -> list[bytes]:
    try:
        return list(unwrapped(line.content))
    except _ODD:
        tally.unread(source, line.number, "an envelope of another form")
        return []


def _format_of(line: bytes, last: Format | None) -> Format | None:
    """Neighbours mostly have one format."""
    return last if last is not None and last.recognises(line) else recognised(line)


def _record(format_: Format, line: bytes, tally: Tally, source: str, number: int) -> Record | None:
    try:
        record = format_.read(line)
    except Unreadable as why:
        tally.unread(source, number, f"{format_.name}: {why}")
        return None
    except _ODD:
        tally.unread(source, number, f"{format_.name}: a field of another form")
        return None
    if record is None:
        tally.other += 1
    return record


def _whole(found: Iterator[Line]) -> Iterator[Line]:
    """Lines; a document that is spread over lines, from the first on, is one line."""
    first = next((each for each in found if each.fault or each.content.strip()), None)
    if first is None:
        return
    if first.content.strip() not in _OPENINGS:
        yield first
        yield from found
        return
    parts, size = [first.content], len(first.content)
    for each in found:
        size += len(each.content)
        if each.fault or size > MAX_LINE:
            fault = each.fault or f"longer than {MAX_LINE} bytes"
            yield Line(number=each.number, content=b"", fault=fault)
            return
        parts.append(each.content)
    yield Line(number=first.number, content=b" ".join(parts))


class _Window:
    """The last lines, at least `WINDOW` of them, by their digests."""

    def __init__(self) -> None:
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()

    def again(self, line: bytes) -> bool:
        """Whether the line is among them; it is now."""
        digest = blake2b(line, digest_size=8).digest()
        if digest in self._new or digest in self._old:
            return True
        self._new.add(digest)
        if len(self._new) > WINDOW:
            self._old, self._new = self._new, set()
        return False
