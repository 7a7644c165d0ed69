"""Patterns that are hard on purpose take bounded work: counted, whatever the machine does."""

from __future__ import annotations

from itertools import islice, product
from random import Random

import pytest

from support.measured.steps import assert_linear, steps
from transire.flows.diagrams import automaton, diagram
from transire.flows.diagrams.automaton import Row, minimal
from transire.flows.host_set import HostSet, Wild
from transire.meaning.host_sets import covers, host_sets
from transire.model.names import HostPattern
from transire.model.problems import Unjudgeable

STARS = ["*b*a*c*b*c*", "*a*c*b*a*a*", "*c*b*c*a*b*", "*a*b*b*c*a*", "*c*c*a*b*a*", "*b*c*a*a*c*"]
DEEP = [".".join((*STARS[first:], *STARS[:first], "example.com")) for first in range(6)]
_DRAW = Random(1)
LONG = ["*" + "*".join(_DRAW.choice("abc") for _ in range(20)) + "*" for _ in range(6)]


def loops(size: int) -> list[Row[bool]]:
    """States that each stay on one character and go on by the other."""
    rows = [Row(state % 7 == 0, {"a": state + 1}, state) for state in range(size)]
    return [*rows, Row(False, {}, size)]


def prefixes(size: int, first: str) -> list[HostSet]:
    words = ("".join(word) for word in product("abcdefgh", repeat=4))
    return [HostSet.pattern([first + word, Wild.CHARS, ".x"]) for word in islice(words, size)]


def hosts(texts: list[str]) -> HostSet:
    return host_sets([HostPattern.parse(f"{each}") for each in texts])


def test_states_that_loop_by_themselves_are_classed_one_by_one() -> None:
    assert_linear(lambda size: minimal(loops(size), ""), 150)
    assert len(minimal(loops(300), "").rows) == 296


def test_patterns_that_differ_in_letters_alone_do_not_meet() -> None:
    firsts = iter("uvw")
    assert_linear(lambda size: prefixes(size, next(firsts)), 60)


def test_many_patterns_that_overlap_in_every_way_are_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automaton, "MOST_STATES", 1_000)
    with pytest.raises(Unjudgeable) as failed:
        hosts([f"{each}.example.com" for each in LONG])

    assert failed.value.why == "the patterns overlap in too many ways to compare them"


def test_and_so_are_those_that_do_so_label_by_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagram, "MOST_LOOKS", 3_000)
    with pytest.raises(Unjudgeable) as failed:
        hosts(DEEP)

    assert failed.value.why == "the rules overlap in too many ways to tell all cases apart"


def test_whether_one_pattern_covers_another_takes_one_look_at_each() -> None:
    short, long = (HostPattern.parse("*" + "a*" * count + ".x.com") for count in (10, 30))

    assert covers(short, long)
    assert not covers(long, short)
    assert steps(lambda: covers(short, long)) < 1_000
