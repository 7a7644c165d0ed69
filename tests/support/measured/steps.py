"""Work measured in steps of the interpreter, which no load on the machine changes.

A step is a line begun, a call or a return, wherever it is: in this project, in the standard library,
in a library written in Python. What one call does inside C is one step, so a bound says nothing
about it; for regular expressions there is `support.measured.pattern_steps`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

LIMIT = 5_000_000
"""Steps after which a count is given up, so that exponential work fails and does not hang."""


class TooManySteps(AssertionError):  # noqa: N818 - an assertion that failed
    """The work was not done within the steps that it may take."""


def steps(work: Callable[[], object], *, limit: int = LIMIT) -> int:
    """How many steps the work takes.

    Raises:
        TooManySteps: as soon as it has taken more than `limit`.
    """
    count = 0

    def trace(_frame: FrameType, _event: str, _argument: Any) -> Any:  # noqa: ANN401 - as sys has it
        nonlocal count
        count += 1
        if count > limit:
            raise TooManySteps(f"more than {limit} steps")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def assert_linear(work: Callable[[int], object], size: int, *, limit: int = LIMIT) -> None:
    """Hold that work on twice the size takes about twice the steps at most, and not four times.

    Work on half the size comes first and does not count: it fills what is filled once.
    """
    steps(lambda: work(size // 2), limit=limit)
    once = steps(lambda: work(size), limit=limit)
    twice = steps(lambda: work(2 * size), limit=limit)

    assert twice < 2.3 * once, f"{once} steps for {size}, {twice} for {2 * size}"
