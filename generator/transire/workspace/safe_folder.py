"""Looking at the repository's files without ever following a symbolic link.

Every path is walked from one open folder, part by part, with `openat` and `O_NOFOLLOW`: a link that
appears between two looks is refused by the system call itself, not by a check that came too early.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from transire.model.problems import DiskFailed, escaped

_CHUNK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class PathKind(StrEnum):
    """What stands at a path, in the words of a message."""

    ABSENT = "missing"
    FILE = "a file"
    LINK = "a symbolic link"
    FOLDER = "a folder"
    OTHER = "neither a file nor a folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """What stands at a path.

    `at` is the path itself, or the parent that is no folder and so decides; `digest` and `mode`
    are those of a file.
    """

    kind: PathKind
    at: str
    digest: str = ""
    mode: int = 0


class Blocked(Exception):  # noqa: N818 - never shown: it carries what was found instead of a folder
    """A parent of the path is missing or no folder."""

    def __init__(self, found: FolderEntry) -> None:
        super().__init__(found.at)
        self.found = found


@dataclass(slots=True)
class Folder:
    """An open folder, and the chain of folders below it that was walked last."""

    path: Path
    descriptor: int
    _chain: list[tuple[str, int]] = field(default_factory=list)

    def parent(self, path: str) -> tuple[int, str]:
        """The open parent of `path`, valid until the next call, and the last part of `path`.

        Raises:
            Blocked: if a parent is missing or no folder.
            DiskFailed: if it cannot be opened.
        """
        *parts, name = path.split("/")
        kept = 0
        for (known, _), part in zip(self._chain, parts, strict=False):
            if known != part:
                break
            kept += 1
        self._leave(kept)
        for part in parts[kept:]:
            here = "/".join([*(known for known, _ in self._chain), part])
            self._chain.append((part, self._enter(part, here)))
        return self._inner(), name

    def look(self, path: str) -> FolderEntry:
        """What stands at `path`, with the SHA-256 digest of a file.

        Raises:
            DiskFailed: if it cannot be read.
        """
        try:
            parent, name = self.parent(path)
        except Blocked as blocked:
            return blocked.found
        with _reading(path):
            kind = _kind(name, parent)
            if kind is not PathKind.FILE:
                return FolderEntry(kind=kind, at=path)
            opened = _open_file(name, parent)
            if opened is None:
                return FolderEntry(kind=PathKind.ABSENT, at=path)
            digest = hashlib.sha256()
            with os.fdopen(opened, "rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            return FolderEntry(kind=kind, at=path, digest=digest.hexdigest(), mode=mode)

    def read(self, path: str, limit: int) -> bytes | None:
        """The file's content, at most `limit` bytes and one more; None where there is no file.

        Raises:
            DiskFailed: if it cannot be read.
        """
        try:
            parent, name = self.parent(path)
        except Blocked:
            return None
        with _reading(path):
            if _kind(name, parent) is not PathKind.FILE:
                return None
            opened = _open_file(name, parent)
            if opened is None:
                return None
            with os.fdopen(opened, "rb") as file:
                return file.read(limit + 1)

    def walk(self, under: str) -> list[tuple[str, PathKind]]:
        """Everything below `under` but folders, sorted; nothing if `under` is missing or no folder.

        Raises:
            DiskFailed: if a folder cannot be read.
        """
        found: list[tuple[str, PathKind]] = []
        waiting = [under]
        while waiting:
            here = waiting.pop()
            for name, kind in self.entries(here):
                path = f"{here}/{name}"
                if kind is PathKind.FOLDER:
                    waiting.append(path)
                else:
                    found.append((path, kind))
        return sorted(found)

    def entries(self, path: str) -> list[tuple[str, PathKind]]:
        """Name and kind of everything right in the folder `path`, sorted.

        Raises:
            DiskFailed: if the folder cannot be read.
        """
        try:
            self.parent(f"{path}/.")
        except Blocked:
            return []
        with _reading(path), os.scandir(self._inner()) as listed:
            return sorted((each.name, _listed_kind(each)) for each in listed)

    def close(self) -> None:
        """Close what is open."""
        self._leave(0)
        os.close(self.descriptor)

    def forget(self) -> None:
        """Close the chain of folders, for a caller that changed them."""
        self._leave(0)

    def _inner(self) -> int:
        return self._chain[-1][1] if self._chain else self.descriptor

    def _enter(self, part: str, here: str) -> int:
        outer = self._inner()
        try:
            return os.open(part, _FOLDER, dir_fd=outer)
        except FileNotFoundError:
            raise Blocked(FolderEntry(kind=PathKind.ABSENT, at=here)) from None
        except OSError as error:
            with _reading(here):
                kind = _kind(part, outer)
            if kind is PathKind.FOLDER:
                raise DiskFailed(f"cannot open {shown(here)}: {error.strerror}") from error
            raise Blocked(FolderEntry(kind=kind, at=here)) from None

    def _leave(self, kept: int) -> None:
        while len(self._chain) > kept:
            os.close(self._chain.pop()[1])


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """The folder at `path`, open for as long as the block runs.

    Raises:
        DiskFailed: if it cannot be opened.
    """
    try:
        folder = Folder(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    except OSError as error:
        raise DiskFailed(f"cannot open {path}: {error.strerror}") from error
    try:
        yield folder
    finally:
        folder.close()


def shown(path: str) -> str:
    """The path for a message, also where it is not UTF-8."""
    return escaped(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _kind(name: str, parent: int) -> PathKind:
    try:
        mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return PathKind.ABSENT
    if stat.S_ISREG(mode):
        return PathKind.FILE
    if stat.S_ISLNK(mode):
        return PathKind.LINK
    return PathKind.FOLDER if stat.S_ISDIR(mode) else PathKind.OTHER


def _open_file(name: str, parent: int) -> int | None:
    """The open file; None where another run has removed it since it was seen."""
    try:
        return os.open(name, _FILE, dir_fd=parent)
    except FileNotFoundError:
        return None


def _listed_kind(entry: os.DirEntry[str]) -> PathKind:
    """The kind of what a folder lists, mostly known without another look."""
    if entry.is_symlink():
        return PathKind.LINK
    if entry.is_file(follow_symlinks=False):
        return PathKind.FILE
    return PathKind.FOLDER if entry.is_dir(follow_symlinks=False) else PathKind.OTHER


@contextmanager
def _reading(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskFailed(f"cannot read {shown(path)}: {error.strerror}") from error
