"""Files for a folder that is nobody's but the caller's."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from transire.model.problems import DiskFailed
from transire.workspace.changing import reason
from transire.workspace.durable import flush_folder, write_whole
from transire.workspace.safe_folder import shown

_FRESH = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def write_beside(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below the folder, each at once or not at all, whoever else does the same.

    Raises:
        DiskFailed: if the disk refuses.
    """
    for path, content in files.items():
        file = folder / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, content)
        except OSError as error:
            raise DiskFailed(f"cannot write {shown(str(file))}: {reason(error)}") from error


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.new")
    descriptor = _locked(fresh)
    try:
        os.ftruncate(descriptor, 0)
        write_whole(descriptor, content)
        os.fsync(descriptor)
        fresh.replace(file)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    outer = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        flush_folder(outer)
    finally:
        os.close(outer)


def _locked(fresh: Path) -> int:
    """The open file, which another run may have left, and which no other one has open now."""
    while True:
        descriptor = os.open(fresh, _FRESH, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), fresh.lstat()):
                return descriptor
        except FileNotFoundError:
            pass  # whoever had it has put it in its place
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
