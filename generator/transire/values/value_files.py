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
    for path, where in _below(root.resolve(), VALUES, problems):
        content = _content(path, where, problems)
        if content is not None:
            files[where] = content
    return ValueFiles(files=dict(sorted(files.items())), problems=tuple(problems))


def find_expectations(root: Path) -> ValueFiles:
    """Every file of expectations below `root`, sorted by path; there may be no folder for them."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path, where in _expectations(root.resolve(), problems):
        content = _content(path, where, problems)
        if content is not None:
            files[where] = content
    return ValueFiles(files=files, problems=tuple(problems))


def _expectations(root: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    folder = root / EXPECTATIONS
    if _is_link(folder, EXPECTATIONS, problems):
        return
    for name in _names(folder, EXPECTATIONS, problems):
        where = f"{EXPECTATIONS}/{_printable(name)}"
        if not name.endswith(".yaml"):
            problems.append(_no_expectations(where))
        elif not _is_link(folder / name, where, problems):
            yield folder / name, where


def _names(folder: Path, where: str, problems: list[Problem]) -> list[str]:
    """The names in a folder, sorted, without those that are passed over."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        if where == VALUES or not isinstance(error, FileNotFoundError):
            problems.append(_unreadable(where, error))
        return []
    return [each for each in names if not _is_passed_over(each, where)]


def _is_passed_over(name: str, where: str) -> bool:
    """Whether it is a file that editors keep beside others; one that looks like values is not."""
    hidden = name.startswith(".") and not is_taken_for_values(f"{where}/{name}")
    return hidden or name.endswith("~")


def _below(root: Path, where: str, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    folder = root / where
    if _is_link(folder, where, problems):
        return
    for name in _names(folder, where, problems):
        inner = f"{where}/{_printable(name)}"
        if inner in _FOLDERS and (folder / name).is_dir():
            yield from _below(root, inner, problems)
        elif not is_values_file(inner):
            problems.append(unknown_file(inner))
        elif not _is_link(folder / name, inner, problems):
            yield folder / name, inner


def _is_link(path: Path, where: str, problems: list[Problem]) -> bool:
    """Whether the path is a symbolic link, which is a problem wherever it leads."""
    if not path.is_symlink():
        return False
    problems.append(link_among_values(where))
    return True


def _content(path: Path, where: str, problems: list[Problem]) -> bytes | None:
    try:
        described = path.stat()
        if not stat.S_ISREG(described.st_mode):
            problems.append(_not_a_file(where))
            return None
        if described.st_size > MAX_BYTES:
            problems.append(too_large(where, described.st_size))
            return None
        return path.read_bytes()
    except OSError as error:
        problems.append(_unreadable(where, error))
        return None


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
