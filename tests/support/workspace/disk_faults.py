"""A disk that fails: calls that change it are counted, and one of them meets a fault.

`install` works in the process that it is called in, which is best one of its own. Calls are
`os`'s, and files that are opened to be written; what Git and Helm's executable write is not seen.
"""

from __future__ import annotations

import errno
import io
import os
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

CHANGING = (
    "fchmod", "fsync", "ftruncate", "link", "mkdir", "open", "rename", "replace", "rmdir",
    "symlink", "sync", "unlink", "write",
)  # fmt: skip
_NEED_SPACE = frozenset({"link", "mkdir", "open", "symlink", "write"})
_WRITES = frozenset("wax+")


class Fault(StrEnum):
    """What becomes of the call numbered `at`, counted from 0."""

    NONE = "none"
    KILL = "kill"
    """The process is killed before it."""
    TORN = "torn"
    """The process is killed in the middle of it, where it writes."""
    FULL = "full"
    """From it on there is no space left."""
    EVICTED = "evicted"
    """From it on every call fails, as where the disk goes away."""


class Counter:
    """Counts calls, and lets the fault happen; `report` gets the count at the end of each call."""

    def __init__(self, fault: Fault, at: int, report: Path | None = None) -> None:
        self.fault, self.at, self.report = fault, at, report
        self.calls = 0

    def before(self, name: str, write_half: Callable[[], object]) -> None:
        """What happens before a call.

        Raises:
            OSError: the fault.
        """
        number, self.calls = self.calls, self.calls + 1
        if self.report is not None:
            REAL["write"](self._reported(), b"1")
        if number >= self.at and self.fault is Fault.FULL and name in _NEED_SPACE:
            write_half()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if number >= self.at and self.fault is Fault.EVICTED:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if number == self.at and self.fault in {Fault.KILL, Fault.TORN}:
            if self.fault is Fault.TORN:
                write_half()
            os.kill(os.getpid(), signal.SIGKILL)

    def _reported(self) -> int:
        descriptor: int = REAL["open"](self.report, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return descriptor


REAL: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in CHANGING}
_OPEN = io.open


def install(fault: str, at: int, report: str = "") -> None:
    """Let the fault happen in this process; `report` is a file that gets a byte for each call."""
    counter = Counter(Fault(fault), at, Path(report) if report else None)
    for name in CHANGING:
        setattr(os, name, _counted(name, counter))
    vars(io)["open"] = _opened(counter)


def _counted(name: str, counter: Counter) -> Callable[..., Any]:
    real = REAL[name]

    def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any call
        if name == "open" and not _creates(*arguments, **named):
            return real(*arguments, **named)

        def write_half() -> None:
            if name == "write":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])

        counter.before(name, write_half)
        if name in {"fsync", "sync"}:
            return None  # a flush takes long on a busy disk, and only a power cut could tell
        return real(*arguments, **named)

    return call


def _creates(_path: object, flags: int, *_: object, **__: object) -> bool:
    return bool(flags & (os.O_CREAT | os.O_TRUNC))


def _opened(counter: Counter) -> Callable[..., Any]:
    def call(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        if _WRITES & set(mode) and not isinstance(file, int):
            counter.before("open", lambda: None)
        return _OPEN(file, mode, *rest, **named)

    return call
