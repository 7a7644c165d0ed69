"""How far work is that several processes share, while it goes on."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Watch = Callable[[int, int], None]
"""Is called with what is done and what there is in all, 0 where that is not known."""

Item = TypeVar("Item")

_NUMBER = 8
_SELDOM = 0.1
"""Seconds from one call to the next."""


class Progress:
    """Counts what is done by place, in memory that forked processes share.

    A process that was forked and whose parent is gone ends at its next count, so that a run that is
    killed leaves nothing at work.
    """

    def __init__(
        self, places: int, total: int, watch: Watch | None = None, things: str = ""
    ) -> None:
        self._shared = mmap.mmap(-1, max(places, 1) * _NUMBER)
        self._done = memoryview(self._shared).cast("Q")
        self.total, self._watch, self.things = total, watch, things
        self._owner, self._last = os.getpid(), 0.0
        follow = _FOLLOW.get()
        if watch is None and follow is not None:
            follow(self)

    @property
    def done(self) -> int:
        """What is done by now, in whichever process."""
        return sum(self._done)

    def add(self, place: int, count: int) -> None:
        """So much more is done at a place, of which each belongs to one process."""
        self._done[place] += count
        if os.getpid() == self._owner:
            now = time.monotonic()
            if now - self._last >= _SELDOM:
                self._last = now
                self.show()
        elif os.getppid() != self._owner:
            os._exit(1)

    def show(self) -> None:
        """Call the watch with what is done by now, in whichever process."""
        if self._watch is not None:
            self._watch(self.done, self.total)


_FOLLOW: ContextVar[Callable[[Progress], None] | None] = ContextVar("follow", default=None)


@contextmanager
def followed(follow: Callable[[Progress], None]) -> Iterator[None]:
    """Hand each progress that has no watch of its own to somebody who looks at it now and then."""
    token = _FOLLOW.set(follow)
    try:
        yield
    finally:
        _FOLLOW.reset(token)


def counted(items: Iterable[Item], total: int, things: str) -> Iterator[Item]:
    """The items as they are taken, each counted once the next one is wanted."""
    progress = Progress(1, total, things=things)
    for each in items:
        yield each
        progress.add(0, 1)
