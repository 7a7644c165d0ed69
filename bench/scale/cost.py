"""What a command costs: time, processor time, memory of all its processes, files."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

_OFTEN, _SELDOM = 0.02, 0.2
_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one command took, and how it ended.

    Attributes:
        seconds: from its start to its end.
        processor: seconds of all processes together, in the program and in the kernel.
        memory: MiB of all processes together at their most; what they share counts once.
        load: how many processes wanted to run while it ended, its own too.
        code: its exit code.
        out: the end of what it printed.
    """

    seconds: float
    processor: float
    memory: float
    load: float
    code: int
    out: str


def cost(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end."""
    with TemporaryFile() as out:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - commands of this bench
            command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=environment
        )
        with _Memory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(max(out.seek(0, os.SEEK_END) - 4096, 0))
        text = out.read().decode(errors="replace")
    return Cost(
        seconds=seconds,
        processor=usage.ru_utime + usage.ru_stime,
        # The largest process alone, where none was seen at its largest.
        memory=max(memory.most, usage.ru_maxrss / _MIB),
        load=os.getloadavg()[0],
        code=process.returncode,
        out=text,
    )


class _Memory:
    """Looks at the memory of a process and all that it started, often at first."""

    def __init__(self, pid: int) -> None:
        self.most = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        looks = 0
        while not self._over.wait(_OFTEN if looks < 1 / _OFTEN else _SELDOM):
            self.most = max(self.most, memory(self._pid))
            looks += 1


def memory(parent: int) -> float:
    """MiB of a process and all that it started; what they share counts once (PSS of Linux)."""
    return sum(_of_process(each) for each in _family(parent))


def _family(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    children = [int(each) for task in tasks for each in _text(task).split()]
    return [parent, *(each for child in children for each in _family(child))]


def _of_process(pid: int) -> float:
    for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / _MIB
    return 0.0


def _text(path: Path) -> str:
    """What a file of a process holds; nothing once it is gone."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
