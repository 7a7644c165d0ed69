"""Run every mutant, or those whose names hold a text, on all cores."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from support.mutants.fates import Fate, Mutant, fate_of, mutants

_PART = 20
"""Mutants that one process judges at a time; neighbours share what they render."""


def main(wanted: str = "") -> int:
    """Print each survivor and what became of the others; the exit code is 1 if any survived."""
    chosen = [each for each in mutants() if wanted in str(each)]
    parts = [chosen[start : start + _PART] for start in range(0, len(chosen), _PART)]
    # Helm's SDK starts a Go runtime, which no process that was forked can use.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        judged = zip(parts, pool.map(_fates, parts), strict=True)
        found = (pair for part, fates in judged for pair in zip(part, fates, strict=True))
        return report(found, equivalent_too=bool(wanted))


def report(found: Iterable[tuple[Mutant, Fate]], *, equivalent_too: bool = False) -> int:
    """Print a line for each survivor, then how many met each fate; the exit code."""
    counted: Counter[Fate] = Counter()
    for mutant, fate in found:
        counted[fate] += 1
        if fate is Fate.SURVIVED or (equivalent_too and fate.is_equivalent):
            sys.stdout.write(f"{mutant}: {fate.value}\n")
            sys.stdout.flush()
    lines = [f"{counted.total()} mutants", *(f"{counted[each]:6} {each.value}" for each in Fate)]
    sys.stdout.write("\n".join((*lines, "")))
    return 1 if counted[Fate.SURVIVED] else 0


def _fates(some: Sequence[Mutant]) -> list[Fate]:
    return [fate_of(each) for each in some]
