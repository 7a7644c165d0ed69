"""Logs that somebody gives to a command, counted by kinds of flow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from transire.flowlogs.lines import sources
from transire.flowlogs.reading import read
from transire.flowlogs.registry import FORMATS
from transire.flowlogs.tally import Coverage, Tally
from transire.model.problems import UsageError
from transire.review.usage.sightings import Sightings


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
    tally, sightings = Tally(), Sightings()
    for record in read(sources(list(paths)), tally, stdin=sys.stdin.buffer, format_=chosen):
        sightings.add(record)
    return sightings, tally.coverage()
