"""The line at the bottom of a terminal while something takes long; none in files and pipes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transire.api import Progress

_WIDTH = 30
_CLEAR = "\r\x1b[K"
_FIRST = 1.0
"""Seconds after which something takes long."""

_OFTEN = 0.2
"""Seconds from one look at what is done to the next."""


def is_wanted() -> bool:
    """Whether standard error is a terminal that can take a line back."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def write(text: str) -> None:
    """Put a text in place of the line, wherever the program is, or nothing in place of it."""
    os.write(sys.stderr.fileno(), f"{_CLEAR}{text}".encode())


def bar(part: float) -> str:
    """A bar as long as the part that is done, and how much that is."""
    full = int(part * _WIDTH)
    return f"[{'#' * full}{'-' * (_WIDTH - full)}] {part:4.0%}"


@dataclass(kw_only=True)
class Clock:
    """Looks again and again, by a signal, so that whatever runs need not think of it.

    A second thread would keep processes from being forked. A timer is of one process alone, and
    Python goes on with calls that it breaks into.
    """

    began: float = field(default_factory=time.monotonic)
    progress: Progress | None = None
    runs: bool = False
    drawn: bool = False

    def start(self) -> None:
        """Begin to look."""
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, _FIRST, _OFTEN)
        self.runs = True

    def stop(self) -> None:
        """Look no more, and leave no line."""
        if self.runs:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            self.runs = False
        if self.drawn:
            self.drawn = False
            write("")

    def follow(self, progress: Progress) -> None:
        """Show this one from now on."""
        self.progress = progress

    def text(self) -> str:
        """What is shown now: how far it is where somebody counts, and else how long it takes."""
        now = self.progress
        if now is None or now.done >= now.total:
            return f"{time.monotonic() - self.began:.0f} s"
        return f"{bar(now.done / now.total)} of {now.total:,} {now.things}"

    def _look(self, _signal: int, _frame: FrameType | None) -> None:
        self.drawn = True
        write(self.text())


_clock: list[Clock] = []
"""The one that runs, if any: who prints must stop it first."""


@contextmanager
def shown() -> Iterator[Clock]:
    """Show a line as soon as what goes on takes long; it is gone at the end, however that comes."""
    clock = Clock()
    _clock.append(clock)
    try:
        if is_wanted() and hasattr(signal, "setitimer"):
            clock.start()
        yield clock
    finally:
        end()
        _clock.clear()


def end() -> None:
    """Leave the terminal to whoever prints."""
    for each in _clock:
        each.stop()
