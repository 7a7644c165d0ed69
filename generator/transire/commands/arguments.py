"""What callers of the verbs may write for a path or for several of something."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

StrPath = str | os.PathLike[str]
"""A path as text or as a path object."""


def folder_at(path: StrPath) -> Path:
    """The folder, absolute, so that a change of the working directory moves nothing."""
    return Path(path).resolve()


def file_at(path: StrPath | None) -> Path | None:
    """The file as a path, where one is named."""
    return None if path is None else Path(path)


def files_at(paths: StrPath | Iterable[StrPath]) -> tuple[Path, ...]:
    """The files as paths; a single one needs no list."""
    if isinstance(paths, (str, os.PathLike)):
        return (Path(paths),)
    return tuple(map(Path, paths))


def several(words: str | Iterable[str]) -> tuple[str, ...]:
    """The words; a single one needs no list, and is never taken for its letters."""
    return (words,) if isinstance(words, str) else tuple(words)
