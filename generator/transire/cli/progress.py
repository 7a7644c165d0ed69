"""A bar on a terminal while something takes long; nothing in files and pipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from transire import api
from transire.cli import line

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


@contextmanager
def of_bytes() -> Iterator[api.Watch | None]:
    """What draws a bar of bytes; None where standard error is no terminal.

    The line is empty again at the end, however the work ends.
    """
    with _shown(_bytes) as watch:
        yield watch


@contextmanager
def of_things(things: str) -> Iterator[api.Watch | None]:
    """The same for things that are counted."""
    with _shown(lambda count: f"{count:,}", things) as watch:
        yield watch


@contextmanager
def _shown(written: Callable[[int], str], things: str = "") -> Iterator[api.Watch | None]:
    if not line.is_wanted():
        yield None
        return

    def draw(done: int, total: int) -> None:
        line.end()
        line.write(bar(done, total, written, things))

    try:
        yield draw
    finally:
        line.write("")


def bar(done: int, total: int, written: Callable[[int], str], things: str = "") -> str:
    """One line: a bar and what it stands for, or the count alone where there is no end to it."""
    name = f" {things}" if things else ""
    if not total:
        return f"{written(done)}{name}"
    return f"{line.bar(min(done / total, 1.0))} of {written(total)}{name}"


def _bytes(count: int) -> str:
    size, unit = float(count), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if not unit else f"{size:.1f} {_UNITS[unit]}"
