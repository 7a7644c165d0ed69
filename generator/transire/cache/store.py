"""The entries of a folder: signed files that are read whole or not at all, and bounded together.

An entry is `transire cache 1`, a line with its tag, and its content. The tag is an HMAC over key
and content, so an entry that is torn, of another secret or under another name is none. Nothing here
fails a run: what cannot be read is missing, and what cannot be written is not kept.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from transire.cache.place import folder_named, own_folder, secret_of

MOST = 256 << 20
"""Bytes that all entries together take on the disk, at most, once a run has ended."""
LARGEST = 4 << 20
"""Bytes of a single entry, at most."""

_HEAD = b"transire cache 1\n"
_TAG = hashlib.sha256().digest_size * 2
_KEY = re.compile(r"[0-9a-f]{64}")
_FRESH = re.compile(r"\.new-[0-9]+-[0-9a-f]{16}")
_LEFT = 3, 4
"""Which part of the bound is left once it was passed."""
_DAY = 24 * 60 * 60.0
_BLOCK = 512
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How many entries a folder has, and the bytes that they take."""

    entries: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """The entries of one folder, signed with one secret; processes may share the folder."""

    folder: Path
    secret: bytes
    most: int = MOST
    renewed: bool = False
    """Whether nothing that is there counts, and all of it is written anew."""

    def __repr__(self) -> str:
        return f"<Cache {self.folder}>"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Cache:
        """The cache that the environment names, or the user's own.

        Raises:
            NotKept: if nothing can be kept, with the reason.
        """
        folder = own_folder(folder_named(environment))
        return cls(folder=folder, secret=secret_of(environment))

    def get(self, key: str) -> bytes | None:
        """The content of an entry of this secret; None where there is none."""
        if self.renewed:
            return None
        try:
            whole = self._read(key)
        except OSError:
            return None
        content = whole[len(_HEAD) + _TAG + 1 :]
        return content if hmac.compare_digest(whole, self._entry(key, content)) else None

    def put(self, entries: Mapping[str, bytes]) -> None:
        """Keep the contents by their keys, each whole or not at all; old entries make room."""
        if not entries:
            return
        with suppress(OSError):  # a full disk, or one that may not be written to, keeps less
            for key, content in entries.items():
                self._write(key, content)
        self._bound()

    def usage(self) -> Usage:
        """What is there by now."""
        sizes = [size for _, size, _ in self._listed()]
        return Usage(entries=len(sizes), size=sum(sizes))

    def clear(self) -> Usage:
        """Remove every entry, and give what was removed; files of others stay."""
        return self._removed(self._listed())

    def _read(self, key: str) -> bytes:
        """All of the file; nothing of what is none."""
        descriptor = os.open(self.folder / key, _READ)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return b""
            self._is_used(descriptor, found.st_mtime)
            return os.read(descriptor, LARGEST)
        finally:
            os.close(descriptor)

    def _write(self, key: str, content: bytes) -> None:
        if not _KEY.fullmatch(key):
            raise AssertionError(f"{key!r} is no key")
        whole = self._entry(key, content)
        if len(whole) > LARGEST:
            return
        fresh = self.folder / f".new-{os.getpid()}-{os.urandom(8).hex()}"
        descriptor = os.open(fresh, _NEW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(whole)
            fresh.replace(self.folder / key)
        except BaseException:
            with suppress(OSError):
                fresh.unlink()
            raise

    def _entry(self, key: str, content: bytes) -> bytes:
        tag = hmac.digest(self.secret, _HEAD + key.encode() + b"\n" + content, "sha256")
        return b"".join((_HEAD, tag.hex().encode(), b"\n", content))

    def _is_used(self, descriptor: int, modified: float) -> None:
        """Let an entry be young that is used, once a day."""
        if abs(time.time() - modified) > _DAY:
            with suppress(OSError):
                os.utime(descriptor)

    def _bound(self) -> None:
        """Remove the entries that were not used for longest, where all take more than they may."""
        found = sorted(self._listed())
        surplus = sum(size for _, size, _ in found) - self.most
        if surplus <= 0:
            return
        part, of = _LEFT
        surplus += self.most - self.most * part // of
        oldest = []
        for each in found:
            if surplus <= 0:
                break
            oldest.append(each)
            surplus -= each[1]
        self._removed(oldest)

    def _listed(self) -> Iterator[tuple[float, int, str]]:
        """When each entry was used last, the bytes that it takes, and its name."""
        try:
            listed = list(os.scandir(self.folder))
        except OSError:
            return
        for each in listed:
            if _KEY.fullmatch(each.name) or _FRESH.fullmatch(each.name):
                try:
                    found = each.stat(follow_symlinks=False)
                except OSError:  # another run removed it
                    continue
                yield found.st_mtime, found.st_blocks * _BLOCK, each.name

    def _removed(self, entries: Iterable[tuple[float, int, str]]) -> Usage:
        count, size = 0, 0
        for _, each, name in entries:
            with suppress(OSError):
                (self.folder / name).unlink()
                count, size = count + 1, size + each
        return Usage(entries=count, size=size)
