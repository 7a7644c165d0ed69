"""JSON that is spread over lines: each object of a document, or of an array, is one line.

Files of one object a line pass as they are. What was cut off ends no more than its own object.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from transire.flowlogs.brackets import depth, opens_document
from transire.flowlogs.lines import MAX_LINE, Line

_CUT = "a document that is cut off"


def whole(found: Iterator[Line]) -> Iterator[Line]:
    """Lines that hold all of an object; those of a document by their first line's number."""
    first = next((each for each in found if each.fault or each.content.strip()), None)
    if first is None:
        return
    if first.fault or not opens_document(first.content):
        yield first
        yield from found
        return
    yield from _Objects().of(chain([first], found))


class _Objects:
    """Puts the lines of one object after another together."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = self._depth = self._first = 0

    def of(self, found: Iterator[Line]) -> Iterator[Line]:
        """The objects among the lines, and what is none."""
        for each in found:
            if each.fault:
                yield from self._end()
                yield each
                continue
            if self._parts and each.content.startswith(b'{"'):
                yield from self._end()
            yield from self._add(each)
        yield from self._end()

    def _add(self, line: Line) -> Iterator[Line]:
        piece = line.content.strip()
        if not self._parts:
            piece = piece.lstrip(b"[, \t]")
            if not piece:
                return
            self._first = line.number
        self._parts.append(piece)
        self._size += len(piece)
        self._depth += depth(piece, b"{", b"}")
        if self._depth <= 0:
            yield Line(number=self._first, content=b" ".join(self._parts).rstrip(b", ]"))
            self._clear()
        elif self._size > MAX_LINE:
            yield Line(number=self._first, content=b"", fault=f"longer than {MAX_LINE} bytes")
            self._clear()

    def _end(self) -> Iterator[Line]:
        if self._parts:
            yield Line(number=self._first, content=b"", fault=_CUT)
            self._clear()

    def _clear(self) -> None:
        self._parts = []
        self._size = self._depth = 0
