"""Bounds are counted, never timed: the counters themselves, held against what is known."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.measured.pattern_steps import CountedPattern
from support.measured.steps import TooManySteps, assert_linear, steps

PATTERNS = (
    r"(?>a*)b", r"a*+b", r"(?:ab|ac)?x{2,5}?\Z", r"(?<=[@#])x", r"[^/]*?a", r"(?P<x>a|b)*c",
    r"a{2,4}b", r"(?:a|ab)(?:c|bcd)d*$", r"(?:a{1,2}|b){2,}?c", r"(?!ab)a", r"^(a|b|)c", r"\bx\W",
    r"[^\s\d]+", r".\Z",
)  # fmt: skip


def doubling(size: int) -> int:
    return sum(doubling(size - 1) for _ in range(2)) if size else 1


def test_steps_are_the_same_whenever_they_are_counted() -> None:
    assert steps(lambda: sum(range(100))) == steps(lambda: sum(range(100)))
    assert steps(lambda: doubling(6)) > 2**6


def test_who_looked_on_before_looks_on_again() -> None:
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError):
        steps(lambda: 1 / 0)

    assert sys.gettrace() is before


def test_work_without_end_is_given_up() -> None:
    with pytest.raises(TooManySteps) as failed:
        steps(lambda: doubling(100), limit=1000)

    assert str(failed.value) == "more than 1000 steps"


def test_work_in_proportion_passes() -> None:
    assert_linear(lambda size: [each * each for each in range(size)], 100)


@pytest.mark.parametrize(
    ("work", "size"),
    [(lambda size: [each for each in range(size) for _ in range(size)], 40), (doubling, 8)],
    ids=["square", "exponential"],
)
def test_work_out_of_proportion_fails(work: object, size: int) -> None:
    assert callable(work)
    with pytest.raises(AssertionError, match=r"^\d+ steps for \d+, \d+ for \d+"):
        assert_linear(work, size)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE | re.DOTALL])
@given(text=st.text("abcdxA#/1 \n", max_size=10))
def test_a_counted_pattern_finds_what_re_finds(pattern: str, flags: int, text: str) -> None:
    counted = CountedPattern(re.compile(pattern, flags))

    # Each compares what was counted with what `re` finds.
    counted.match(text)
    counted.fullmatch(text)
    counted.search(text)

    assert counted.steps > 0


def test_a_pattern_that_goes_back_without_end_is_given_up() -> None:
    with pytest.raises(TooManySteps, match=r"^more than 100000 steps: \(\?:a\+\)\+b$"):
        CountedPattern(re.compile("(?:a+)+b"), limit=100_000).match("a" * 40)


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?:a*)*", r"\B", "(?i:a)"])
def test_what_the_counter_lacks_is_an_error(pattern: str) -> None:
    with pytest.raises((NotImplementedError, KeyError)):
        CountedPattern(re.compile(pattern))
