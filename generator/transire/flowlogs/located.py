"""Records with the lines that they come from, for whoever points at lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from transire.flowlogs.details import NOTHING, Detail, detail_of
from transire.flowlogs.documents import whole
from transire.flowlogs.lines import Line, Source, lines
from transire.flowlogs.paired_lines import NAME, PairedLines, is_paired
from transire.flowlogs.reading import read_line
from transire.flowlogs.record import Record, Unreadable
from transire.flowlogs.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A record, its detail, and the line of the source that it stands in, from 1."""

    record: Record
    detail: Detail
    source: str
    line: int


def located(found: Iterable[Source], tally: Tally, *, stdin: BinaryIO) -> Iterator[Located]:
    """The records of all sources, one after another; `tally` counts what they are and are not.

    Raises:
        DiskFailed: if a source cannot be opened or read.
    """
    for source in found:
        pairs = PairedLines()
        for line in whole(lines(source, stdin)):
            if is_paired(line.content):
                tally.lines += 1
                yield from _of_pair(pairs, line, source.shown, tally)
            else:
                yield from _of_line(line, source.shown, tally)


def _of_pair(pairs: PairedLines, line: Line, shown: str, tally: Tally) -> Iterator[Located]:
    try:
        found = pairs.flow(line.content, line.number)
    except Unreadable as why:
        tally.unread(shown, line.number, f"{NAME}: {why}")
        return
    if found is not None:
        record, number = found
        tally.record(NAME, record)
        yield Located(record=record, detail=NOTHING, source=shown, line=number)


def _of_line(line: Line, shown: str, tally: Tally) -> Iterator[Located]:
    if line.fault:
        tally.lines += 1
        tally.unread(shown, line.number, line.fault)
        return
    if not line.content:
        return
    tally.lines += 1
    for format_, inner, record in read_line(line, shown, tally):
        detail = detail_of(format_, inner)
        yield Located(record=record, detail=detail, source=shown, line=line.number)
