"""Logs that somebody gives to a command, counted by kinds of flow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from transire.flowlogs.format import Format
from transire.flowlogs.lines import STDIN, Source, parts, sources, unpacked_size
from transire.flowlogs.reading import Window, read
from transire.flowlogs.registry import FORMATS
from transire.flowlogs.tally import Coverage, Tally
from transire.model.problems import UsageError
from transire.pipeline.progress import Progress, Watch
from transire.pipeline.workers import Workers
from transire.review.usage.sightings import Sightings

_PART = 32 << 20
"""Bytes of a part of a plain file, which one process reads."""
_ENOUGH = 2 * _PART
"""Bytes, as many as they may unfold to, from which several processes are worth it."""


def read_logs(
    paths: Sequence[Path], format_: str = "", watch: Watch | None = None
) -> tuple[Sightings, Coverage]:
    """What the logs hold, and what was read of them.

    Args:
        paths: files and folders, packed or not; `-` is standard input.
        format_: how every line is read; without a name, each as what it looks like.
        watch: is called with the bytes that are read, and those that there are.

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
    progress = Progress(len(pieces), _size(found), watch)
    work = partial(_counted, chosen, progress)
    results = workers.map(work, list(enumerate(pieces)), meanwhile=progress.show)
    tally, sightings = Tally(), Sightings()
    before = {"": 0}
    for piece, counted in zip(pieces, results, strict=True):
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


def _size(found: Sequence[Source]) -> int:
    """The bytes of all files; 0 where one of them has no end that is known."""
    paths = {each.path for each in found}
    return 0 if STDIN in paths else sum(each.stat().st_size for each in paths)


def _counted(
    format_: Format | None, progress: Progress, pieces: Sequence[tuple[int, Source]]
) -> list[_Counted]:
    """The counts of lines of each part; the first has what the lines of all of them hold."""
    found: list[_Counted] = []
    sightings, window, stdin = Sightings(), Window(), sys.stdin.buffer
    for place, each in pieces:
        tally = Tally()
        heard = partial(progress.add, place)
        for record in read([each], tally, stdin=stdin, format_=format_, window=window, heard=heard):
            sightings.add(record)
        found.append(_Counted(tally=tally, sightings=None if found else sightings))
    return found
