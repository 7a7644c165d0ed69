"""Times, counts and coverage in words, the same in every form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from transire.flowlogs.tally import Coverage

MOST_SHOWN = 5
"""Workloads or names that a line lists; the rest is a number."""


def when(seconds: float | None) -> str:
    """A time to the minute in UTC, or `at no known time`."""
    if seconds is None:
        return "at no known time"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%MZ")


def stamp(seconds: float | None) -> str | None:
    """The same for a program, which finds None where there is none."""
    return None if seconds is None else when(seconds)


def day(seconds: float | None) -> str:
    """A day in UTC, or `never`."""
    return "never" if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()


def number(count: int) -> str:
    """A number with commas."""
    return f"{count:,}"


def times(count: int) -> str:
    """How often: `once`, `1,204 times`."""
    return "once" if count == 1 else f"{count:,} times"


def some(counts: Mapping[str, int]) -> str:
    """The first of what was counted, each with its number: `a (12), b (3) and 4 more`."""
    shown = [f"{name} ({number(count)})" for name, count in list(counts.items())[:MOST_SHOWN]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def besides(
    elsewhere: Mapping[str, int], unplaced: Mapping[str, int], left_out: Mapping[str, int]
) -> Iterator[str]:
    """The flows of no target, of several, and those that were passed over, a sentence each."""
    for namespace, count in elsewhere.items():
        yield f"of no target: {number(count)} flows of {namespace or 'no namespace'}"
    for namespace, count in unplaced.items():
        yield f"of several clusters: {number(count)} flows of {namespace}, name one with --cluster"
    for why, count in left_out.items():
        yield f"passed over: {number(count)} flows, {why}"


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """What was read and what was not, a sentence each."""
    kinds = some(coverage.records) or "none"
    yield f"records: {kinds}, of {number(coverage.lines)} lines"
    if coverage.first is not None:
        yield f"period: {when(coverage.first)} to {when(coverage.last)}"
    if coverage.clusters:
        yield f"clusters: {', '.join(coverage.clusters)}"
    yield from (f"gap: no line from {when(a)} to {when(b)}" for a, b in coverage.gaps)
    yield from (f"lost: {number(count)} {what}" for what, count in coverage.lost.items())
    yield from (f"lacking: {what} in {number(n)} flows" for what, n in coverage.lacks.items())
    if coverage.names_cut:
        yield f"names cut: {number(coverage.names_cut)} flows have as many names as a line holds"
    if coverage.stray:
        yield (
            f"of another time: {number(coverage.stray)} records, a year or more from all others, "
            "which the period leaves out"
        )
    if coverage.without_time:
        yield f"without a time: {number(coverage.without_time)} records"
    if coverage.duplicates:
        yield f"twice: {number(coverage.duplicates)} lines"
    for each in coverage.unread:
        yield (
            f"not read: {number(each.count)} lines of {each.source}, the first is {each.first}: "
            f"{each.why}"
        )
