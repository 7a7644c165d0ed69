"""Work on many things at once, in processes of their own where that is worth it.

A process is forked, so that what it works on need not be sent to it; only results are. The Helm SDK
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

from transire.model.problems import ProcessKilled, ToolError

Item = TypeVar("Item")
Result = TypeVar("Result")

_WORTH_IT = 200
"""Targets below which starting processes takes longer than it saves."""

_SDK = "helm_python"
_SOON = 0.1
"""Seconds from one look at other processes to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Results(Generic[Result]):
    """What a process sends back: its results, or what stopped it."""

    results: Sequence[Result] = ()
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
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        *,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Result]:
        """The results for all items, in their order; `work` gives those of some, in theirs.

        `meanwhile` is called again and again while other processes are at work.

        Raises:
            ToolError: what `work` raised, of several the one for the earliest items;
                `ProcessKilled` where the system ended a process.
            RuntimeError: if a process ends without a result, with its traceback where it has one.
        """
        return self.start(work, items, meanwhile=meanwhile)()

    def start(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        *,
        meanwhile: Callable[[], None] | None = None,
    ) -> Callable[[], list[Result]]:
        """The same, for a process with something else to do: what is returned gives the results.

        A caller that does not need them leaves nothing running behind.
        """
        if not self.processes or not items:
            return lambda: list(work(items))
        shares = [items[first :: self.processes] for first in range(self.processes)]
        running: list[_Running[Result]] = []
        for share in filter(None, shares):
            running.append(_Running.start(_send_all, work, share, running))
        return lambda: _in_order(_results(running, meanwhile))

    def stream(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[Result | None]:
        """The results one by one in the order of the items, while others are still worked on.

        None stands for an item on which `work` fails, or which a process ends over.
        """
        running: list[_Running[Result]] = []
        try:
            for first in range(self.processes):
                share = items[first :: self.processes]
                running.append(_Running.start(_send, work, share, running))
            for place in range(len(items)):
                yield running[place % self.processes].next()
        finally:
            for each in running:
                each.stop()


def _results(
    running: Sequence[_Running[Result]], meanwhile: Callable[[], None] | None
) -> list[Sequence[Result]]:
    """What each of them comes to; where that is not waited for to its end, none is left at work."""
    try:
        return [each.results(meanwhile) for each in running]
    except BaseException:
        for each in running:
            each.stop()
        raise


def _in_order(shares: Sequence[Sequence[Result]]) -> list[Result]:
    found: list[Result] = []
    for place in range(max(map(len, shares))):
        found += [results[place] for results in shares if place < len(results)]
    return found


@dataclass(frozen=True, slots=True)
class _Running(Generic[Result]):
    """One process at work."""

    pipe: Connection
    process: BaseProcess

    @classmethod
    def start(
        cls,
        loop: Callable[[Callable[..., Any], Sequence[object], Connection], None],
        work: Callable[..., Any],
        share: Sequence[object],
        others: Sequence[_Running[Result]],
    ) -> _Running[Result]:
        """Start another process; it drops the ends of pipes that are for this one to read."""
        context = get_context("fork")
        here, there = context.Pipe(duplex=False)
        not_its = [here, *(each.pipe for each in others)]
        arguments = (loop, work, share, there, not_its)
        process = context.Process(target=_begin, args=arguments, daemon=True)
        # A Ctrl-C while a process begins would be lost here, and end that one with a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        there.close()
        return cls(here, process)

    def results(self, meanwhile: Callable[[], None] | None = None) -> Sequence[Result]:
        while meanwhile is not None and not self.pipe.poll(_SOON):
            meanwhile()
        try:
            received: _Results[Result] = self.pipe.recv()
        except (EOFError, OSError) as error:
            self.process.join()
            raise _ended(self.process.exitcode or 0) from error
        self.process.join()
        if received.error is not None:
            raise received.error
        if received.fault:
            raise RuntimeError(f"a process failed: {received.fault}")
        return received.results

    def next(self) -> Result | None:
        try:
            result: Result | None = self.pipe.recv()
        except EOFError:
            return None
        return result

    def stop(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _ended(code: int) -> Exception:
    """Why a process is gone without a result: by its own fault, or by a signal."""
    if code >= 0:
        return RuntimeError("a process failed: it ended without a result")
    name = signal.Signals(-code).name
    return ProcessKilled(
        f"a process that shared the work was ended by {name}, as the system does where memory runs "
        "out; run the command again, with more memory where that stays so"
    )


def _begin(
    loop: Callable[[Callable[..., Any], Sequence[object], Connection], None],
    work: Callable[..., Any],
    share: Sequence[object],
    pipe: Connection,
    not_its: Sequence[Connection],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops it
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for each in not_its:
        each.close()
    loop(work, share, pipe)


def _send_all(work: Callable[..., Any], share: Sequence[object], pipe: Connection) -> None:
    try:
        pipe.send(_Results(results=work(share)))
    except ToolError as error:
        pipe.send(_Results(error=error))
    except Exception:  # noqa: BLE001 - the parent raises it
        pipe.send(_Results(fault=traceback.format_exc()))


def _send(work: Callable[..., Any], share: Sequence[object], pipe: Connection) -> None:
    for item in share:
        try:
            result = work(item)
        except Exception:  # noqa: BLE001 - the caller can do the item again and see
            result = None
        try:
            pipe.send(result)
        except BrokenPipeError:  # nobody reads any more
            return
