"""What was measured, as a table, as JSON, and with the machine that it was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from pathlib import Path

from scale.pipe import cores
from scale.verbs import Row

HEADS = (
    "verb", "teams", "seconds", "CPU seconds", "MiB", "files read", "files written",
    "times as fast as the pipe", "its CPU", "load",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PipeRow:
    """What the pipe costs for all targets of so many teams.

    Attributes:
        targets: of all teams.
        sample: how many of them were put through it; fewer stand for all.
        seconds: for all, one target after another.
        processor: seconds of processor time for all.
        memory: MiB at the most.
        at_once: seconds for all where as many run at once as there are cores.
        load: how many processes wanted to run.
    """

    teams: int
    targets: int
    sample: int
    seconds: float
    processor: float
    memory: float
    at_once: float
    load: float


def machine(folder: Path) -> str:
    """One line about what it was measured on, and of which commit."""
    commit = _git(folder, "rev-parse", "--short=12", "HEAD")
    changed = ", with changes" if _git(folder, "status", "--porcelain", "generator") else ""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in _lines(Path("/proc/cpuinfo"))
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    count = cores()
    return (
        f"{model or platform.machine()}, {count} core{'' if count == 1 else 's'}, "
        f"Python {platform.python_version()}, commit {commit}{changed}"
    )


def table(rows: Sequence[Row], pipes: Sequence[PipeRow], name: str) -> Iterator[str]:
    """The lines of a table, verb by verb."""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{'---|' * len(HEADS)}"
    by_teams = {each.teams: each for each in pipes}
    for verb in dict.fromkeys(each.verb for each in rows):
        for row in rows:
            if row.verb == verb:
                yield _row(row, by_teams[row.teams])
    for each in pipes:
        yield from _pipe_rows(each, name)


def _row(row: Row, pipe: PipeRow) -> str:
    took = row.cost
    cells = (
        row.verb, f"{row.teams:,}", _seconds(took.seconds), _seconds(took.processor),
        f"{took.memory:.0f}", _count(row.read), _count(row.written),
        *_ratios(row, pipe), f"{took.load:.1f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _ratios(row: Row, pipe: PipeRow) -> tuple[str, str]:
    if not row.compared:
        return "", ""
    took = row.cost
    return f"{pipe.seconds / took.seconds:,.1f}", f"{pipe.processor / took.processor:,.1f}"


def _pipe_rows(pipe: PipeRow, name: str) -> Iterator[str]:
    whole = pipe.sample == pipe.targets
    how = "" if whole else f", extrapolated from {pipe.sample:,} of {pipe.targets:,} targets"
    tail = ("", "", "", "", f"{pipe.load:.1f}")
    for what, seconds, memory in (
        ("one after another", pipe.seconds, f"{pipe.memory:.0f}"),
        ("one on each core", pipe.at_once, ""),
    ):
        cells = (
            f"{name}, {what}{how}", f"{pipe.teams:,}", _seconds(seconds),
            _seconds(pipe.processor), memory, *tail,
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def slopes(rows: Sequence[Row], pipes: Sequence[PipeRow]) -> Iterator[str]:
    """How time grows from each size to the next: 1 is in proportion, 0 not at all."""
    sizes = sorted({each.teams for each in rows})
    steps = list(pairwise(sizes))
    yield f"| verb | {' | '.join(f'{a:,} to {b:,}' for a, b in steps)} |"
    yield f"|---|{'---|' * len(steps)}"
    for name, points in lines_of(rows, pipes).items():
        cells = [f"{_slope(points, a, b):.2f}" if {a, b} <= points.keys() else "" for a, b in steps]
        yield f"| {name} | {' | '.join(cells)} |"


def lines_of(rows: Sequence[Row], pipes: Sequence[PipeRow]) -> dict[str, dict[int, float]]:
    """Seconds by teams for each verb that has to do with teams, and at last for the pipe."""
    found: dict[str, dict[int, float]] = {}
    for row in filter(lambda each: each.compared, rows):
        found.setdefault(row.verb, {})[row.teams] = row.cost.seconds
    found["the pipe, one after another"] = {each.teams: each.seconds for each in pipes}
    return found


def _slope(points: Mapping[int, float], few: int, many: int) -> float:
    return log(points[many] / points[few]) / log(many / few)


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004 - three digits


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607 - ours
    return done.stdout.strip()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def load() -> str:
    """How many processes wanted to run over the last 1, 5 and 15 minutes."""
    return " ".join(f"{each:.1f}" for each in os.getloadavg())
