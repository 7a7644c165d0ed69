"""Runs the writer over and over and kills it with signal 9, one call to the system later each time.

Started as a program, because only a process without threads may be forked and killed safely:
`killed_runs.py FOLDER` makes `FOLDER/0`, `FOLDER/1` and so on, each holding what a run left that
was killed before its first, second, ... change to the disk. The last one was not killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from transire.workspace.file_plan import Owner, Plan
from transire.workspace.writer import apply

CHANGING = ("open", "mkdir", "link", "replace", "unlink", "rmdir", "fchmod", "fsync")
"""The calls by which the writer changes the disk."""


def plan(word: str, *, more: bool) -> Plan:
    """Two units; `more` adds a file to each, `word` is in every other file."""
    return Plan(units=tuple(_units(word, more=more)), complete=True)


def _units(word: str, *, more: bool) -> Iterator[Owner]:
    for name in ("teams/ledger", "teams/payments"):
        folder = f"charts/{name}"
        files = {f"{folder}/Chart.yaml": word, f"{folder}/templates/same.yaml": "same"}
        files[f"{folder}/targets/{'new' if more else 'old'}.yaml"] = word
        yield Owner(name=name, files={path: text.encode() for path, text in files.items()})


def main(folder: Path) -> None:
    # A flush takes long on a busy disk, and only a power cut could tell.
    vars(os)["fsync"] = lambda _: None
    for number in range(1000):
        root = folder / str(number)
        root.mkdir()
        apply(root, plan("before", more=False))
        child = os.fork()
        if not child:
            _run(root, number)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            sys.exit(os.WEXITSTATUS(status))
    sys.exit("the run does not end")


def _run(root: Path, killed_at: int) -> None:
    calls = iter(range(killed_at, -1, -1))
    for name in CHANGING:
        setattr(os, name, _deadly(getattr(os, name), calls))
    apply(root, plan("after", more=True))
    os._exit(0)


def _deadly(call: Callable[..., Any], calls: Iterator[int]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any call
        creates = call is not _OPEN or arguments[1] & os.O_CREAT
        if creates and not next(calls):
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)

    return counted


_OPEN = os.open

if __name__ == "__main__":
    main(Path(sys.argv[1]))
