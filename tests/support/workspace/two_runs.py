"""Two processes that write the same new repositories, each time right after they met.

They meet at a barrier before the lock, when both have seen that there is everything to do.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from support.workspace.killed_runs import plan
from transire.workspace import writer

ROUNDS = 50
"""As many as the usual tests have time for; `make e2e` runs more."""
WANTED = plan("after", more=True)
_PATIENCE = 60.0
"""Seconds; only a run that never comes takes as long."""


def two_runs(folder: Path, rounds: int) -> list[str]:
    """What went wrong in either run: round and error, sorted; each round has a folder, by number."""
    for number in range(rounds):
        (folder / str(number)).mkdir()
    context = multiprocessing.get_context("spawn")  # another test may have loaded the SDK here
    barrier: Barrier = context.Barrier(2)
    ended: SimpleQueue[list[str]] = context.SimpleQueue()
    runs = [context.Process(target=_run, args=(folder, rounds, barrier, ended)) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    codes = [f"exit code {each.exitcode}" for each in runs if each.exitcode]
    return sorted([*codes, *(line for _ in range(2 - len(codes)) for line in ended.get())])


def _run(folder: Path, rounds: int, barrier: Barrier, ended: SimpleQueue[list[str]]) -> None:
    vars(os)["fsync"] = lambda _: None  # a flush takes long, and only a power cut could tell
    vars(writer)["locked"] = _after_meeting(vars(writer)["locked"], barrier)
    wrong: list[str] = []
    for number in range(rounds):
        try:
            writer.apply(folder / str(number), WANTED)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test shows
            wrong.append(f"round {number}: {error!r}")
    ended.put(wrong)


def _after_meeting(
    locked: Callable[..., AbstractContextManager[None]], barrier: Barrier
) -> Callable[..., AbstractContextManager[None]]:
    @contextmanager
    def met(*arguments: object) -> Iterator[None]:
        barrier.wait(_PATIENCE)
        with locked(*arguments):
            yield

    return met
