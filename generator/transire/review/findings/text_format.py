"""Findings as people read them: two lines each, then a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from transire.model.problems import Level, Problem


def report(problems: Sequence[Problem]) -> str:
    """Every finding, then one line that counts them; the count alone where there is none."""
    return "\n".join([*map(str, problems), summary(problems)]) + "\n"


def summary(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    counts = Counter(each.level for each in problems)
    parts = [
        f"{counts[level]} {level}{'' if counts[level] == 1 else 's'}"
        for level in Level
        if counts[level]
    ]
    return ", ".join(parts) or "no findings"
