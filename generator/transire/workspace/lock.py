"""The lock that a run holds while it writes.

It is a lock of the system on an open file, which ends with the process that holds it, however that
ends: a file that a killed run left stops nobody.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from transire.model.problems import DiskFailed, Problem, Rejected
from transire.workspace.changing import parent_of, reason, remove_folder
from transire.workspace.drift import LOCK
from transire.workspace.durable import write_whole
from transire.workspace.safe_folder import Blocked, Folder

_PAUSE = 0.05
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def locked(folder: Folder, patience: float, obstacles: Sequence[Problem]) -> Iterator[None]:
    """Hold the lock for as long as the block runs; another run is waited for so many seconds.

    Raises:
        Rejected: with the obstacles that a first look found, where the lock cannot be taken.
        DiskFailed: if it cannot be taken without any, or another run is still writing.
    """
    deadline = time.monotonic() + patience
    try:
        while (held := _try_lock(folder)) is None:
            if time.monotonic() >= deadline:
                raise DiskFailed(
                    f"another run of transire{_holder(folder)} is writing here; run the command "
                    "again when it has ended"
                )
            time.sleep(_PAUSE)
    except OSError as error:
        if obstacles:
            raise Rejected(obstacles) from error
        raise DiskFailed(f"cannot lock {LOCK}: {reason(error)}; nothing was changed") from error
    try:
        yield
    finally:
        with suppress(OSError, Blocked):
            parent, name = folder.parent(LOCK)
            os.unlink(name, dir_fd=parent)
        os.close(held)
        remove_folder(folder, LOCK.rpartition("/")[0])


def _try_lock(folder: Folder) -> int | None:
    """The open lock file, or None where somebody else has it, or has just removed it."""
    folder.forget()
    parent, name = parent_of(folder, LOCK, [])
    try:
        descriptor = os.open(name, _LOCK, 0o644, dir_fd=parent)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours, there = os.fstat(descriptor), os.stat(name, dir_fd=parent, follow_symlinks=False)
        if os.path.samestat(ours, there):
            os.ftruncate(descriptor, 0)
            write_whole(descriptor, f"{os.getpid()}\n".encode())
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _holder(folder: Folder) -> str:
    """Which process holds the lock, where its file names one."""
    content = folder.read(LOCK, 20) or b""
    return f" (process {int(content)})" if content.strip().isdigit() else ""
