"""Which files are values, and reading them without being led astray.

Values are `values/platform.yaml`, `values/exceptions.yaml`, `values/bundles/*.yaml` and
`values/teams/*.yaml`. Any other file below `values/` is a mistake, since nobody would notice that
it is never read; only names that begin with a dot (the editors' schemas in `values/.schema`, swap
files) or end with `~` are passed over, and of the former none that ends as values do.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from transire.model.problems import Position, Problem
from transire.values.problem_collector import shown
from transire.workspace.value_paths import (
    _FOLDERS,
    EXPECTATIONS,
    VALUES,
    is_taken_for_values,
    is_values_file,
    link_among_values,
)
from transire.yamlio import MAX_BYTES, too_large


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFiles:
    """The bytes of each values file by its path from the root, and what was wrong on the way."""

    files: Mapping[str, bytes]
    problems: tuple[Problem, ...]


def find(root: Path) -> ValueFiles:
    """Every values file below `root`, sorted by path; links below `root` are never followed."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for entry, where in _below(root.resolve(), VALUES, problems):
        content = _content(entry, where, problems)
        if content is not None:
            files[where] = content
    return ValueFiles(files=dict(sorted(files.items())), problems=tuple(problems))


def find_expectations(root: Path) -> ValueFiles:
    """Every file of expectations below `root`, sorted by path; there may be no folder for them."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for entry, where in _expectations(root.resolve(), problems):
        content = _content(entry, where, problems)
        if content is not None:
            files[where] = content
    return ValueFiles(files=files, problems=tuple(problems))


_Entry = os.DirEntry[str]
"""What a folder's list tells of a file, so that most questions take no call of the system."""


def _expectations(root: Path, problems: list[Problem]) -> Iterator[tuple[_Entry, str]]:
    folder = root / EXPECTATIONS
    if _is_link(folder, EXPECTATIONS, problems):
        return
    for entry in _entries(folder, EXPECTATIONS, problems):
        where = f"{EXPECTATIONS}/{_printable(entry.name)}"
        if not entry.name.endswith(".yaml"):
            problems.append(_no_expectations(where))
        elif not _is_link(entry, where, problems):
            yield entry, where


def _entries(folder: Path, where: str, problems: list[Problem]) -> list[_Entry]:
    """What is in a folder, sorted by name, without what is passed over."""
    try:
        with os.scandir(folder) as listed:
            found = sorted(listed, key=lambda each: each.name)
    except OSError as error:
        if where == VALUES or not isinstance(error, FileNotFoundError):
            problems.append(_unreadable(where, error))
        return []
    return [each for each in found if not _is_passed_over(each.name, where)]


def _is_passed_over(name: str, where: str) -> bool:
    """Whether it is a file that editors keep beside others; one that looks like values is not."""
    hidden = name.startswith(".") and not is_taken_for_values(f"{where}/{name}")
    return hidden or name.endswith("~")


def _below(root: Path, where: str, problems: list[Problem]) -> Iterator[tuple[_Entry, str]]:
    folder = root / where
    if _is_link(folder, where, problems):
        return
    for entry in _entries(folder, where, problems):
        inner = f"{where}/{_printable(entry.name)}"
        if inner in _FOLDERS and (folder / entry.name).is_dir():
            yield from _below(root, inner, problems)
        elif not is_values_file(inner):
            problems.append(unknown_file(inner))
        elif not _is_link(entry, inner, problems):
            yield entry, inner


def _is_link(path: Path | _Entry, where: str, problems: list[Problem]) -> bool:
    """Whether the path is a symbolic link, which is a problem wherever it leads."""
    if not path.is_symlink():
        return False
    problems.append(link_among_values(where))
    return True


def _content(entry: _Entry, where: str, problems: list[Problem]) -> bytes | None:
    try:
        # What is no file in the list is not opened: that might wait for somebody else.
        regular = entry.is_file(follow_symlinks=False)
        size, content = _read(entry.path) if regular else (0, None)
    except OSError as error:
        problems.append(_unreadable(where, error))
        return None
    if size > MAX_BYTES:
        problems.append(too_large(where, size))
    elif content is None:
        problems.append(_not_a_file(where))
    return content


def _read(path: str) -> tuple[int, bytes | None]:
    """The size of a file and what it holds; nothing of one that is too large, or no file by now."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        described = os.fstat(descriptor)
        size = described.st_size
        if size > MAX_BYTES or not stat.S_ISREG(described.st_mode):
            return size, None
        parts = [os.read(descriptor, size + 1)]
        while parts[-1] and size <= MAX_BYTES:
            parts.append(os.read(descriptor, size + 1))
            size = max(size, sum(map(len, parts)))
        return size, b"".join(parts) if size <= MAX_BYTES else None
    finally:
        os.close(descriptor)


def _printable(name: str) -> str:
    return os.fsencode(name).decode(errors="backslashreplace")


def unknown_file(where: str) -> Problem:
    """The problem of a file below `values/` that is no values file."""
    folder, _, file = where.rpartition("/")
    if folder in _FOLDERS and file.endswith(".yml"):
        remedy = f"rename it to {file.removesuffix('.yml').lstrip('.')}.yaml"
    elif folder in _FOLDERS and file.startswith(".") and file.strip("."):
        remedy = f"rename it to {file.lstrip('.')} if it is one, or move it elsewhere"
    else:
        remedy = (
            "values are platform.yaml, exceptions.yaml, bundles/<name>.yaml and teams/<name>.yaml; "
            "move it elsewhere"
        )
    return Problem(
        at=Position(path=where),
        id="unknown-file",
        message=f"{shown(where)} is not a values file, and is never read",
        help=remedy,
    )


def _no_expectations(where: str) -> Problem:
    name = where.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    remedy = f"rename it to {stem}.yaml" if dot and ending == "yml" else "move it elsewhere"
    return Problem(
        at=Position(path=where),
        id="unknown-file",
        message=f"{shown(where)} is no file of expectations, and is never read",
        help=remedy,
    )


def _not_a_file(where: str) -> Problem:
    return Problem(
        at=Position(path=where),
        id="unreadable-file",
        message=f"{shown(where)} is not a regular file",
        help="replace it with a file",
    )


def _unreadable(where: str, error: OSError) -> Problem:
    return Problem(
        at=Position(path=where),
        id="unreadable-file",
        message=f"{where} cannot be read: {(error.strerror or str(error)).lower()}",
        help="see that it is there and that you may read it",
    )
