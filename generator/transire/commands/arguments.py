"""What callers of the verbs may write for a path or for several of something."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from transire.model.problems import UsageError

StrPath = str | os.PathLike[str]
"""A path as text or as a path object."""


def folder_at(path: StrPath) -> Path:
    """The folder, absolute, so that a change of the working directory moves nothing.

    Raises:
        UsageError: if no folder can have the name.
    """
    try:
        return Path(path).resolve()
    except (OSError, ValueError) as error:
        raise UsageError(f"{os.fspath(path)!r} names no folder: {error}") from error


def file_at(path: StrPath | None) -> Path | None:
    """The file as a path, where one is named."""
    return None if path is None else Path(path)


def files_at(paths: StrPath | Iterable[StrPath]) -> tuple[Path, ...]:
    """The files as paths; a single one needs no list."""
    if isinstance(paths, (str, os.PathLike)):
        return (Path(paths),)
    return tuple(map(Path, paths))


def revision_named(side: StrPath | None) -> str | None:
    """What names a revision or a folder, as text."""
    return None if side is None else os.fspath(side)


def when(as_of: date | None) -> date | None:
    """The day, or the moment with its offset from UTC, where one is given.

    Raises:
        UsageError: if it is a text, or a moment that is another one in each time zone.
    """
    if as_of is None or (isinstance(as_of, datetime) and as_of.tzinfo is not None):
        return as_of
    if isinstance(as_of, date) and not isinstance(as_of, datetime):
        return as_of
    raise UsageError(
        "as_of is a day such as date(2026, 11, 23), or a datetime with its offset from UTC, not "
        f"{as_of!r}"
    )


def several(words: str | Iterable[str]) -> tuple[str, ...]:
    """The words; a single one needs no list, and is never taken for its letters."""
    return (words,) if isinstance(words, str) else tuple(words)
