"""No snapshot and no log ends a diagnosis: what is malformed is passed over or named."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from support.doctor.cases import DoctorCase, all_cases
from transire.review.doctor.formats import as_json

CASES = all_cases()
JUNK: tuple[Any, ...] = (
    None, [], {}, 7, "x", True, [None], {"a": None}, -1, "999.999.999.999", [[]], "\u0000",
)  # fmt: skip


def places(tree: object) -> list[tuple[Any, Any]]:
    """Every value below a tree, by what holds it and where."""
    if isinstance(tree, dict):
        return [p for key, below in tree.items() for p in ((tree, key), *places(below))]
    if isinstance(tree, list):
        return [p for key, below in enumerate(tree) for p in ((tree, key), *places(below))]
    return []


def broken(random: Random) -> DoctorCase:
    """A case with junk at some places of its snapshot, and lines that are cut off."""
    case = deepcopy(random.choice(CASES))
    held = [each for each in places(case.snapshot) if each[0] is not case.snapshot]
    for _ in range(random.choice((1, 2, 4))):
        holder, key = random.choice(held)
        holder[key] = deepcopy(random.choice(JUNK))
    for name, lines in case.logs.items():
        cut = [line[: random.randrange(len(line) + 1)] for line in lines]
        case.logs[name] = [random.choice(pair) for pair in zip(lines, cut, strict=True)]
    return case


@pytest.mark.parametrize("number", range(40))
def test_a_broken_snapshot_is_diagnosed_all_the_same(number: int, tmp_path: Path) -> None:
    found = broken(Random(number)).diagnosed(tmp_path / "cluster")

    assert as_json(found)
    assert all(each.text and each.fix for each in found.causes)
