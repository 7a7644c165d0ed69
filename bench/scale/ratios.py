"""How far the ratios to the pipe hold: a few verbs again and again, on one core and on more."""

# ruff: noqa: T201 - a script, which prints

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scale.organisation import CHANGED, ROOT, change
from scale.pipe import Pipe, some_of, targets_of
from scale.results import load, machine
from scale.verbs import Repository, Row, has_cache, prepare

_NEAR = 0.25
"""How far a run may be from the one in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One verb in one run: how many times as fast as the pipe, in time and in processor time."""

    verb: str
    cores: int
    run: int
    seconds: float
    pipe: float
    times: float
    processor: float
    load: float


def ratios(folder: Path, other: Pipe, teams: int, runs: int, sample: int) -> str:
    """Measure and give the page: so many runs on one core, and as many on all."""
    every = sorted(os.sched_getaffinity(0))
    here = Repository(root=folder / "policies", teams=teams, has_cache=has_cache())
    prepare(here)
    found: list[Ratio] = []
    for count in sorted({1, len(every)}):
        os.sched_setaffinity(0, every[:count])
        for run in range(1, runs + 1):
            for each in _one_run(here, other, count, run, sample):
                found.append(each)
                print(
                    f"{count} cores, run {run}: {each.verb:42} {each.seconds:8.2f} s "
                    f"{each.times:8.1f} times",
                    flush=True,
                )
    return "\n".join([*_page(found, other, teams, sample), ""])


def _one_run(here: Repository, other: Pipe, count: int, run: int, sample: int) -> Iterator[Ratio]:
    targets = targets_of(here.root)
    chosen = some_of(targets, sample)
    half = len(chosen) // 2
    before = other.run(here.root, chosen[:half], 1)
    measured = [*_verbs(here, 100 * count + run)]
    after = other.run(here.root, chosen[half:], 1)
    more = len(targets) / len(chosen)
    seconds = (before.seconds + after.seconds) * more
    processor = (before.processor + after.processor) * more
    for row in measured:
        yield Ratio(
            verb=row.verb,
            cores=count,
            run=run,
            seconds=row.cost.seconds,
            pipe=seconds,
            times=seconds / row.cost.seconds,
            processor=processor / row.cost.processor,
            load=row.cost.load,
        )


def _verbs(here: Repository, number: int) -> Iterator[Row]:
    base = ("--base", "main", "--as-of", "2026-11-23")
    yield here.cold("check", "check", *base)
    here.once("before", "check", *base)
    change(here.root, number)
    here.once("before", "generate", CHANGED, *base)
    yield here.once("check, one team changed", "check", *base)
    yield here.warm("check of one team", "check", CHANGED, *base)
    yield here.again("diff of one team", "diff", *base)


def _page(found: Sequence[Ratio], other: Pipe, teams: int, sample: int) -> Iterator[str]:
    yield from ("# How far the ratios hold", "")
    yield f"{machine(ROOT)}; load at the end {load()}; {teams:,} teams of two targets."
    yield f"The pipe is {other.name}, one target after another, extrapolated from"
    yield f"{min(sample, 2 * teams):,} of {2 * teams:,} targets that were measured, half of them"
    yield "before the verbs of a run and half after."
    yield ""
    yield "| verb | cores | run | seconds | the pipe | times as fast | its CPU | load |"
    yield f"|{'---|' * 8}"
    for each in sorted(found, key=lambda one: (one.cores, one.verb, one.run)):
        yield (
            f"| {each.verb} | {each.cores} | {each.run} | {each.seconds:.2f} | {each.pipe:,.0f} "
            f"| {each.times:,.1f} | {each.processor:,.1f} | {each.load:.1f} |"
        )
    yield from ("", *_spread(found))


def _spread(found: Sequence[Ratio]) -> Iterator[str]:
    """Whether every run is within a quarter of the one in the middle."""
    yield "| verb | cores | in the middle | lowest | highest | within a quarter |"
    yield f"|{'---|' * 6}"
    for verb, count in sorted({(each.verb, each.cores) for each in found}):
        times = sorted(each.times for each in found if (each.verb, each.cores) == (verb, count))
        middle = times[len(times) // 2]
        near = all(abs(each / middle - 1) <= _NEAR for each in times)
        yield (
            f"| {verb} | {count} | {middle:,.1f} | {times[0]:,.1f} | {times[-1]:,.1f} "
            f"| {'yes' if near else 'no'} |"
        )
