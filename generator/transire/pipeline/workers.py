"""Work on many things at once, in processes of their own where that is worth it.

A process is forked, so that what it works on need not be sent to it; only answers are. The Helm SDK
must not be loaded before: it brings threads that a fork leaves behind. So where work is shared out,
whatever renders is shared out, and this process never loads it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

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
    def fitting(cls, size: int, *, enough: int = _WORTH_IT) -> Workers:
        """Those that so much is worth, targets or what else `enough` counts, here and now."""
        cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
        alone = threading.active_count() == 1 and _SDK not in sys.modules
        worth = size >= enough and cores > 1 and alone
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
        running: list[_Running[Answer]] = []
        for share in filter(None, shares):
            running.append(_Running.start(_answer, work, share, running))
        return lambda: _in_order([each.answers() for each in running])

    def stream(
        self, work: Callable[[Item], Answer], items: Sequence[Item]
    ) -> Iterator[Answer | None]:
        """The answers one by one in the order of the items, while others are still worked on.

        None stands for an item on which `work` fails, or which a process ends over.
        """
        running: list[_Running[Answer]] = []
        try:
            for first in range(self.processes):
                share = items[first :: self.processes]
                running.append(_Running.start(_send, work, share, running))
            for place in range(len(items)):
                yield running[place % self.processes].next()
        finally:
            for each in running:
                each.stop()


def _in_order(told: Sequence[Sequence[Answer]]) -> list[Answer]:
    found: list[Answer] = []
    for place in range(max(map(len, told))):
        found += [answers[place] for answers in told if place < len(answers)]
    return found


@dataclass(frozen=True, slots=True)
class _Running(Generic[Answer]):
    """One process at work."""

    pipe: Connection
    process: BaseProcess

    @classmethod
    def start(
        cls,
        loop: Callable[[Callable[..., Any], Sequence[object], Connection], None],
        work: Callable[..., Any],
        share: Sequence[object],
        others: Sequence[_Running[Answer]],
    ) -> _Running[Answer]:
        """Start another process; it drops the ends of pipes that are for this one to read."""
        context = get_context("fork")
        here, there = context.Pipe(duplex=False)
        not_its = [here, *(each.pipe for each in others)]
        arguments = (loop, work, share, there, not_its)
        process = context.Process(target=_begin, args=arguments, daemon=True)
        process.start()
        there.close()
        return cls(here, process)

    def answers(self) -> Sequence[Answer]:
        try:
            answered: _Answered[Answer] = self.pipe.recv()
        except EOFError:
            answered = _Answered(fault="it ended without an answer")
        self.process.join()
        if answered.error is not None:
            raise answered.error
        if answered.fault:
            raise RuntimeError(f"a process failed: {answered.fault}")
        return answered.answers

    def next(self) -> Answer | None:
        try:
            answer: Answer | None = self.pipe.recv()
        except EOFError:
            return None
        return answer

    def stop(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _begin(
    loop: Callable[[Callable[..., Any], Sequence[object], Connection], None],
    work: Callable[..., Any],
    share: Sequence[object],
    pipe: Connection,
    not_its: Sequence[Connection],
) -> None:
    for each in not_its:
        each.close()
    loop(work, share, pipe)


def _answer(work: Callable[..., Any], share: Sequence[object], pipe: Connection) -> None:
    try:
        pipe.send(_Answered(answers=work(share)))
    except ToolError as error:
        pipe.send(_Answered(error=error))
    except Exception:  # noqa: BLE001 - the parent raises it
        pipe.send(_Answered(fault=traceback.format_exc()))


def _send(work: Callable[..., Any], share: Sequence[object], pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops it
    for item in share:
        try:
            answer = work(item)
        except Exception:  # noqa: BLE001 - whoever asked can do the item again and see
            answer = None
        try:
            pipe.send(answer)
        except BrokenPipeError:  # nobody asks any more
            return
