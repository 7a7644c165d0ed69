"""What one input may take: two seconds of this process's time, and 200 MiB."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable
from types import FrameType

SECONDS = 2.0
"""Processor time, so that a busy machine is no finding."""
MEMORY = 200 << 20
"""Bytes by which the most that the process ever held may grow with one input."""
_PAGE = 1 << 10
"""The unit in which Linux counts it."""


class TooSlow(Exception):  # noqa: N818 - what the input is
    """An input takes more than its seconds."""


class TooLarge(Exception):  # noqa: N818 - as above
    """An input takes more than its memory."""


def most_memory() -> int:
    """The most that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PAGE


def bounded(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The same with both bounds.

    What the program catches by mistake is found as well: time is looked at once more at the end.
    """
    signal.signal(signal.SIGVTALRM, _late)

    def within(data: bytes) -> None:
        before, begun = most_memory(), time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            run(data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if time.process_time() - begun > SECONDS:
            raise TooSlow(f"more than {SECONDS} seconds")
        if most_memory() - before > MEMORY:
            raise TooLarge(f"more than {MEMORY} bytes")

    return within


def _late(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"more than {SECONDS} seconds")
