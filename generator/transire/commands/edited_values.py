"""What guardrails find of values once somebody has edited them, and did not find before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from transire.model.problems import Problem
from transire.values.guardrails.registry import review_parts
from transire.values.readable import Readable


def judged(found: Readable) -> tuple[Problem, ...]:
    """What guardrails find today."""
    return review_parts(found, datetime.now(UTC))


def new_problems(now: Iterable[Problem], then: Iterable[Problem]) -> Iterator[Problem]:
    """Those that were not there before; an edit moves lines, so places do not count."""
    known = Counter((each.at.path, each.id, each.message) for each in then)
    for each in now:
        key = (each.at.path, each.id, each.message)
        known[key] -= 1
        if known[key] < 0:
            yield each
