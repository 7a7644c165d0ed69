"""Logs that somebody gives to a command, counted by kinds of flow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from transire.flowlogs.format import Format
from transire.flowlogs.lines import Source, parts, sources, unpacked_size
from transire.flowlogs.reading import Window, read
from transire.flowlogs.registry import FORMATS
from transire.flowlogs.tally import Coverage, Tally
from transire.model.problems import UsageError
from transire.pipeline.workers import Workers
from transire.review.usage.sightings import Sightings

_PART = 32 << 20
"""Bytes of a part of a plain file, which one process reads."""
_ENOUGH = 2 * _PART
"""Bytes, as many as they may unfold to, from which several processes are worth it."""


def read_logs(paths: Sequence[Path], format_: str = "") -> tuple[Sightings, Coverage]:
    """What the logs hold, and what was read of them.

    Args:
        paths: files and folders, packed or not; `-` is standard input.
        format_: how every line is read; without a name, each as what it looks like.

    Raises:
        UsageError: if a path or the format does not exist, or no log is named.
        DiskFailed: if a log cannot be read.
    """
    chosen = FORMATS.get(format_)
    if format_ and chosen is None:
        raise UsageError(f"there is no format {format_!r}; the formats are {', '.join(FORMATS)}")
    if not paths:
        raise UsageError("no log is named")
    found = sources(list(paths))
    pieces = [part for each in found for part in parts(each, _PART)]
    # What one process reads is held against all that it has read, so that files may overlap.
    workers = Workers.fitting(sum(map(unpacked_size, found)), enough=_ENOUGH)
    tally, sightings = Tally(), Sightings()
    before = {"": 0}
    for piece, counted in zip(pieces, workers.map(partial(_counted, chosen), pieces), strict=True):
        before = {piece.shown: before.get(piece.shown, 0)}
        tally.absorb(counted.tally, after=before[piece.shown])
        before[piece.shown] += counted.tally.end
        if counted.sightings is not None:
            sightings.absorb(counted.sightings)
    return sightings, tally.coverage()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What one part of the logs comes to, where that is not with another part."""

    tally: Tally
    sightings: Sightings | None


def _counted(format_: Format | None, pieces: Sequence[Source]) -> list[_Counted]:
    """The counts of lines of each part; the first has what the lines of all of them hold."""
    found: list[_Counted] = []
    sightings, window = Sightings(), Window()
    for each in pieces:
        tally = Tally()
        for record in read([each], tally, stdin=sys.stdin.buffer, format_=format_, window=window):
            sightings.add(record)
        found.append(_Counted(tally=tally, sightings=None if found else sightings))
    return found
