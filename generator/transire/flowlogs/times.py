"""Times of a log in seconds since the epoch, None where a line has none."""

from __future__ import annotations

from collections.abc import Iterable

DAY = 86_400.0
"""Seconds of a day."""


def earliest(times: Iterable[float | None]) -> float | None:
    """The first of those that there are; None without any."""
    return min((each for each in times if each is not None), default=None)


def latest(times: Iterable[float | None]) -> float | None:
    """The last of those that there are; None without any."""
    return max((each for each in times if each is not None), default=None)
