"""Ends as people write them: a day, or a time of day as RFC 3339 has it."""

from __future__ import annotations

import re
from datetime import date

from transire.model.ends import End, is_moment, moment
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import scalar
from transire.yamlio import Node

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SOME_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{1,2}:.*")


def end(node: Node, collector: ProblemCollector) -> End:
    """A day, or a time with its offset from UTC, with quotes or without.

    A day alone ends with its last instant in UTC. Every reader of dates reads these forms alike.

    Raises:
        Misfit: for anything else.
    """
    written = scalar(node).text
    if scalar(node).plain and not written:
        raise Misfit
    try:
        if _DAY.fullmatch(written):
            return End.on(date.fromisoformat(written), node.at)
        if is_moment(written):
            return End(last=moment(written), at=node.at)
    except ValueError as error:
        kind = "day" if _DAY.fullmatch(written) else "time"
        message = f"there is no {kind} {written}"
        raise collector.refuse(
            node.at, "bad-date", message, f"write a {kind} of the calendar"
        ) from error
    raise collector.refuse(
        node.at, *(_no_time if _SOME_TIME.fullmatch(written) else no_day)(written)
    )


def day(node: Node, collector: ProblemCollector) -> date:
    """A day alone, with quotes or without: when something was, and not when it ends.

    Raises:
        Misfit: for anything else.
    """
    written = scalar(node).text
    if scalar(node).plain and not written:
        raise Misfit
    if not _DAY.fullmatch(written):
        raise collector.refuse(
            node.at, "bad-date", f"{shown(written)} is not a day", "write a day such as 2026-11-23"
        )
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise collector.refuse(
            node.at, "bad-date", f"there is no day {written}", "write a day of the calendar"
        ) from error


def _no_time(written: str) -> tuple[str, str, str]:
    return (
        "bad-date",
        f"{shown(written)} is not a time with seconds and its offset from UTC",
        "write it as in 2027-03-31T18:00:00Z or 2027-03-31T18:00:00+02:00",
    )


def no_day(written: str) -> tuple[str, str, str]:
    """Id, message and help about a scalar that is in the form of no end."""
    return (
        "bad-date",
        f"{shown(written)} is not a day",
        "write a day such as 2027-03-31, or a time such as 2027-03-31T18:00:00Z",
    )
