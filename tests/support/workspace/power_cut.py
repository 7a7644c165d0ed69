"""What a disk holds after a power cut: what was flushed, and of the rest whatever came through.

Every change that a run makes to the disk is recorded. A tree is then built of the changes up to one
moment: names that were not flushed with their folder are there or not, each by chance, and bytes
that were not flushed with their file are there, in part, or not at all.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest


@dataclass(slots=True, eq=False)
class Inode:
    """A file, whatever its names are: what it holds, and what of that is on the platter."""

    content: bytes = b""
    flushed: bytes = b""


@dataclass(slots=True, kw_only=True)
class Change:
    """A name that goes, one that comes with a file or, without one, with a folder, or both."""

    gone: str = ""
    come: str = ""
    file: Inode | None = None
    flushed: bool = False

    def is_in(self, folder: str) -> bool:
        """Whether a name in that folder changes."""
        return folder in {_parent(path) for path in (self.gone, self.come) if path}


class Luck(Protocol):
    """What comes through of what was not flushed."""

    def name(self) -> bool:
        """Whether the change of a name does."""

    def content(self, file: Inode) -> bytes:
        """What of a file's bytes does."""


class NoLuck:
    """Nothing does."""

    def name(self) -> bool:
        """It does not."""
        return False

    def content(self, file: Inode) -> bytes:
        """What was flushed."""
        return file.flushed


class NamesAlone(NoLuck):
    """Names do and bytes do not, as where a file system writes names first."""

    def name(self) -> bool:
        """It does."""
        return True


class Chance:
    """Some of it, by a seed."""

    def __init__(self, seed: int) -> None:
        self.chosen = random.Random(seed)

    def name(self) -> bool:
        """As often as not."""
        return self.chosen.random() < 0.5

    def content(self, file: Inode) -> bytes:
        """What was flushed, the first half of the bytes, or all of them."""
        if file.content == file.flushed:
            return file.flushed
        half = file.content[: len(file.content) // 2]
        return self.chosen.choice([file.flushed, half, file.content])


@dataclass(slots=True)
class Disk:
    """A folder by paths in it, and what happened to it since it was looked at first."""

    start: dict[str, Inode | None]
    changes: list[Change] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path) -> Disk:
        """What is there counts as flushed; folders have no file."""
        found: dict[str, Inode | None] = {"": None}
        for path in sorted(root.rglob("*")):
            content = path.read_bytes() if path.is_file() else None
            name = path.relative_to(root).as_posix()
            found[name] = None if content is None else Inode(content, content)
        return cls(found)

    @property
    def now(self) -> dict[str, Inode | None]:
        """What is there for whoever looks before the power is cut."""
        return _changed(self.start, self.changes)

    def left(self, folder: Path, luck: Luck) -> Path:
        """Make what a power cut leaves now, in another folder."""
        came = [each for each in self.changes if each.flushed or luck.name()]
        for path, file in sorted(_changed(self.start, came).items()):
            if file is None:
                (folder / path).mkdir()
            else:
                (folder / path).write_bytes(luck.content(file))
        return folder

    def flush_names(self, folder: str) -> None:
        """The names in a folder come to the platter."""
        for each in self.changes:
            each.flushed = each.flushed or each.is_in(folder)

    def flush_everything(self) -> None:
        """All names and all bytes do."""
        for each in self.changes:
            each.flushed = True
        for file in self.now.values():
            if file is not None:
                file.flushed = file.content


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _changed(
    start: Mapping[str, Inode | None], changes: Iterable[Change]
) -> dict[str, Inode | None]:
    """Names after some changes, each as far as it can be made."""
    names = dict(start)
    for each in changes:
        if each.come and _parent(each.come) in names:
            names[each.come] = each.file
        if each.gone and not any(path.startswith(f"{each.gone}/") for path in names):
            names.pop(each.gone, None)
    return names


class Recorder:
    """Stands between a run and `os`, and keeps the disk as it was before every change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.disk = Disk.of(root)
        self.moments: list[Disk] = []
        self.opened: dict[int, Inode] = {}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Record what is done from now on; nothing is flushed in truth, which takes long."""
        for name in (
            "ftruncate", "link", "mkdir", "open", "replace", "rmdir", "unlink", "write",
        ):  # fmt: skip
            monkeypatch.setattr(os, name, self._recorded(getattr(os, name), getattr(self, name)))
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(os, "sync", self.sync)

    def _recorded(self, call: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def recorded(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any call
            found = call(*arguments, **named)
            note(found, *arguments, **named)
            return found

        return recorded

    def _changes(self, change: Change) -> None:
        self.disk.changes.append(change)
        self.moments.append(copy.deepcopy(self.disk))

    def _path(self, name: str | Path, folder: int | None) -> str:
        outer = Path() if folder is None else Path(f"/proc/self/fd/{folder}").readlink()
        path = (outer / name).resolve() if folder is None else outer / name
        inner = path.relative_to(self.root).as_posix()
        return "" if inner == "." else inner

    def open(
        self, found: int, name: str | Path, flags: int, *_: object, dir_fd: int | None = None
    ) -> None:
        """A file that is opened to be written, and made where it is not there."""
        self.opened.pop(found, None)
        if flags & os.O_CREAT:
            path = self._path(name, dir_fd)
            file = self.disk.now.get(path)
            if file is None:
                file = Inode()
                self._changes(Change(come=path, file=file))
            self.opened[found] = file

    def write(self, found: int, descriptor: int, content: bytes) -> None:
        """Bytes at the end of a file."""
        if descriptor in self.opened:
            self.opened[descriptor].content += bytes(content)[:found]
            self.moments.append(copy.deepcopy(self.disk))

    def ftruncate(self, _: None, descriptor: int, length: int) -> None:
        """Bytes that go."""
        file = self.opened[descriptor]
        file.content = file.content[:length]

    def link(
        self, _: None, old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int, **__: bool
    ) -> None:
        """A second name."""
        file = self.disk.now[self._path(old, src_dir_fd)]
        self._changes(Change(come=self._path(new, dst_dir_fd), file=file))

    def replace(self, _: None, old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        """Another name."""
        gone = self._path(old, src_dir_fd)
        come = self._path(new, dst_dir_fd)
        self._changes(Change(gone=gone, come=come, file=self.disk.now[gone]))

    def unlink(self, _: None, name: str, *, dir_fd: int) -> None:
        """A name that goes."""
        self._changes(Change(gone=self._path(name, dir_fd)))

    def mkdir(self, _: None, name: str, *__: int, dir_fd: int) -> None:
        """A folder that comes."""
        self._changes(Change(come=self._path(name, dir_fd)))

    def rmdir(self, _: None, name: str, *, dir_fd: int) -> None:
        """A folder that goes."""
        self._changes(Change(gone=self._path(name, dir_fd)))

    def fsync(self, descriptor: int) -> None:
        """Bytes of a file, or names of a folder, come to the platter."""
        if descriptor in self.opened:
            file = self.opened[descriptor]
            file.flushed = file.content
        else:
            self.disk.flush_names(self._path("", descriptor))

    def sync(self) -> None:
        """Everything does."""
        self.disk.flush_everything()
