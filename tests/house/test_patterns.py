"""Regular expressions of the program on text that wants to keep them busy."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import transire
from support.measured.pattern_steps import CountedPattern

NOT_COUNTED = {
    "transire.charts.versions.change_list._ENTRY": "it looks back at a quote, which is one character",
}


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled expression that a module keeps, by its name; bytes as if they were text."""
    for module in pkgutil.walk_packages(transire.__path__, "transire."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                flags = value.flags & ~re.UNICODE
                text = value.pattern if isinstance(value.pattern, str) else value.pattern.decode()
                yield f"{module.name}.{name}", re.compile(text, flags)


PATTERNS = dict(patterns())


def pieces(pattern: str) -> Iterator[str]:
    """What hostile text repeats: each letter that the expression names, and that next to others."""
    letters = sorted({*re.sub(r"\\.", "", pattern), "a", "1", ".", "-", " "})
    yield from letters
    yield from (f"{one}{other}" for one in "a1" for other in letters if not other.isalnum())


def cost(pattern: re.Pattern[str], text: str) -> int:
    counted = CountedPattern(pattern)
    counted.fullmatch(text)
    return counted.steps


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - NOT_COUNTED.keys()))
def test_a_whole_text_is_matched_in_steps_in_proportion_to_it(name: str) -> None:
    pattern = PATTERNS[name]
    for piece in pieces(pattern.pattern):
        once, twice = (cost(pattern, piece * size + "!") for size in (30, 60))

        assert twice <= 2.5 * once, f"{once} steps for 30 times {piece!r}, {twice} for 60"


def test_what_is_not_counted_exists() -> None:
    assert NOT_COUNTED.keys() <= PATTERNS.keys()
