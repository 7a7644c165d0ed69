"""Work on many things at once, in processes of their own where that is worth it.

A process is forked, so that what it works on need not be sent to it; only answers are. The Helm SDK
must not be loaded before: it brings threads that a fork leaves behind. So where work is shared out,
whatever renders is shared out, and this process never loads it.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from transire.model.problems import ToolError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_WORTH_IT = 200
"""Targets below which starting processes takes longer than it saves."""

_SDK = "helm_python"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered(Generic[Answer]):
    """What a process sends back: its answers, or what stopped it."""

    answers: Sequence[Answer] = ()
    error: ToolError | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """As many processes as share the work; none where this one does it."""

    processes: int = 0

    @classmethod
    def fitting(cls, targets: int) -> Workers:
        """Those that so many targets are worth, on this machine and in this process."""
        cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
        alone = threading.active_count() == 1 and _SDK not in sys.modules
        worth = targets >= _WORTH_IT and cores > 1 and alone
        return cls(processes=cores if worth else 0)

    def map(
        self, work: Callable[[Sequence[Item]], Sequence[Answer]], items: Sequence[Item]
    ) -> list[Answer]:
        """The answers to all items, in their order; `work` answers some of them, in theirs.

        Raises:
            ToolError: what `work` raised, of several the one for the earliest items.
            RuntimeError: if a process ends without an answer, with its traceback where it has one.
        """
        return self.start(work, items)()

    def start(
        self, work: Callable[[Sequence[Item]], Sequence[Answer]], items: Sequence[Item]
    ) -> Callable[[], list[Answer]]:
        """The same, for a process with something else to do: what is returned gives the answers.

        Whoever does not ask for them leaves nothing running behind.
        """
        if not self.processes or not items:
            return lambda: list(work(items))
        shares = [items[first :: self.processes] for first in range(self.processes)]
        running = [_Running.start(work, share) for share in shares if share]
        return lambda: _in_order([each.answers() for each in running])


def _in_order(told: Sequence[Sequence[Answer]]) -> list[Answer]:
    found: list[Answer] = []
    for place in range(max(map(len, told))):
        found += [answers[place] for answers in told if place < len(answers)]
    return found


@dataclass(frozen=True, slots=True)
class _Running(Generic[Item, Answer]):
    """One process at work."""

    pipe: Connection
    join: Callable[[], None]

    @classmethod
    def start(
        cls, work: Callable[[Sequence[Item]], Sequence[Answer]], share: Sequence[Item]
    ) -> _Running[Item, Answer]:
        context = get_context("fork")
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_answer, args=(work, share, there), daemon=True)
        process.start()
        there.close()
        return cls(here, process.join)

    def answers(self) -> Sequence[Answer]:
        try:
            answered: _Answered[Answer] = self.pipe.recv()
        except EOFError:
            answered = _Answered(fault="it ended without an answer")
        self.join()
        if answered.error is not None:
            raise answered.error
        if answered.fault:
            raise RuntimeError(f"a process failed: {answered.fault}")
        return answered.answers


def _answer(
    work: Callable[[Sequence[Item]], Sequence[Answer]], share: Sequence[Item], pipe: Connection
) -> None:
    try:
        pipe.send(_Answered(answers=work(share)))
    except ToolError as error:
        pipe.send(_Answered(error=error))
    except Exception:  # noqa: BLE001 - the parent raises it
        pipe.send(_Answered(fault=traceback.format_exc()))
