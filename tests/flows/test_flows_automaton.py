"""Minimal automata, against plain simulation and a plain minimisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product as tuples

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.flows.diagrams.automaton import Automaton, Row, minimal, product, trie
from transire.flows.diagrams.graphs import coarsest
from transire.flows.patterns.globs import glob, glob_matches, glob_parts
from transire.flows.patterns.regex_language import regex

LETTERS = "ab"
FINITE = "abc"
"""One letter more than edges name, or with an unlimited alphabet one for all the others."""

TEXTS = ["".join(text) for length in range(6) for text in tuples(FINITE, repeat=length)]


@st.composite
def machines(
    draw: st.DrawFn, most: int = 7, alphabets: tuple[str, ...] = ("", FINITE)
) -> tuple[list[Row[bool]], str]:
    """The rows of some automaton, with states that are equal or out of reach."""
    count = draw(st.integers(1, most))
    states = st.integers(0, count - 1)
    alphabet = draw(st.sampled_from(alphabets))
    named = FINITE if alphabet else LETTERS
    rows = [
        Row(
            draw(st.booleans()),
            draw(st.dictionaries(st.sampled_from(named), states, max_size=3)),
            draw(states),
        )
        for _ in range(count)
    ]
    return rows, alphabet


def outputs(rows: Sequence[Row[bool]]) -> list[object]:
    """What an automaton gives for every short text, one step after another."""
    found: list[object] = []
    for text in TEXTS:
        state = 0
        for each in text:
            state = rows[state].edges.get(each, rows[state].default)
        found.append(rows[state].output)
    return found


def distinct(rows: Sequence[Row[bool]]) -> int:
    """How many states in reach some text tells apart, by splitting until nothing changes."""
    reached = [0]
    for state in reached:
        reached.extend(to for to in steps(rows[state]).values() if to not in reached)
        reached[:] = dict.fromkeys(reached)
    kind: Mapping[int, object] = {state: rows[state].output for state in reached}
    for _ in reached:
        kind = {
            state: (kind[state], tuple(kind[to] for to in steps(rows[state]).values()))
            for state in reached
        }
        numbers = {each: index for index, each in enumerate(dict.fromkeys(kind.values()))}
        kind = {state: numbers[each] for state, each in kind.items()}
    return len(set(kind.values()))


def steps(row: Row[bool]) -> dict[str, int]:
    return {each: row.edges.get(each, row.default) for each in FINITE}


def same(one: Automaton[bool], other: Automaton[bool]) -> bool:
    return (one.rows, one.tail) == (other.rows, other.tail)


@pytest.mark.slow("many drawn examples")
@given(drawn=machines())
def test_the_minimal_automaton_computes_the_same_with_the_fewest_states(
    drawn: tuple[list[Row[bool]], str],
) -> None:
    rows, alphabet = drawn
    found = minimal(rows, alphabet)

    assert outputs(rows) == outputs(found.rows)
    assert distinct(rows) == len(found.rows)
    assert same(found, minimal(found.rows, alphabet))


@pytest.mark.slow("many drawn examples")
@given(drawn=machines(), data=st.data())
def test_states_in_another_order_give_the_same_automaton(
    drawn: tuple[list[Row[bool]], str], data: st.DataObject
) -> None:
    rows, alphabet = drawn
    order = data.draw(st.permutations(range(1, len(rows))))
    number = {0: 0, **{state: index + 1 for index, state in enumerate(order)}}
    moved = [
        Row(
            rows[state].output,
            {c: number[to] for c, to in rows[state].edges.items()},
            number[rows[state].default],
        )
        for state in (0, *order)
    ]

    assert same(minimal(rows, alphabet), minimal(moved, alphabet))


@given(
    drawn=st.integers(1, 14).flatmap(
        lambda count: st.tuples(
            st.lists(st.booleans(), min_size=count, max_size=count),
            *[st.lists(st.integers(0, count - 1), min_size=count, max_size=count)] * 2,
        )
    )
)
def test_blocks_are_as_few_as_the_moves_allow(
    drawn: tuple[list[bool], list[int], list[int]],
) -> None:
    kinds, first, second = drawn
    rows = [
        Row(kind, {"a": to, "b": other}, 0)
        for kind, to, other in zip(kinds, first, second, strict=True)
    ]
    blocks = coarsest(dict(enumerate(kinds)), [dict(enumerate(first)), dict(enumerate(second))])

    expected: dict[int, object] = dict(enumerate(kinds))
    for _ in rows:
        split = {
            state: (expected[state], expected[row.edges["a"]], expected[row.edges["b"]])
            for state, row in enumerate(rows)
        }
        numbers = {each: index for index, each in enumerate(dict.fromkeys(split.values()))}
        expected = {state: numbers[each] for state, each in split.items()}
    pairs = {(blocks[state], expected[state]) for state in expected}
    assert len(set(blocks.values())) == len(set(expected.values())) == len(pairs)


@pytest.mark.slow("many drawn examples")
@given(
    pair=st.sampled_from(("", FINITE)).flatmap(
        lambda alphabet: st.tuples(*[machines(5, (alphabet,))] * 2)
    )
)
def test_the_product_computes_both(
    pair: tuple[tuple[list[Row[bool]], str], tuple[list[Row[bool]], str]],
) -> None:
    one, other = pair
    alphabet = one[1]
    first, second = minimal(one[0], alphabet), minimal(other[0], alphabet)
    both = product(first, second, lambda mine, theirs: mine is True and theirs is True)

    expected = [a and b for a, b in zip(outputs(one[0]), outputs(other[0]), strict=True)]
    assert expected == outputs(both.rows)
    assert distinct(both.rows) == len(both.rows)


@pytest.mark.slow("many drawn examples")
@given(drawn=machines())
def test_a_function_that_singles_out_few_texts_says_which(
    drawn: tuple[list[Row[bool]], str],
) -> None:
    rows, alphabet = drawn
    found = minimal(rows, alphabet)
    few = found.exceptions()

    if few is not None:
        usual, texts = few
        assert outputs(rows) == [texts.get(text, usual) for text in TEXTS]
        assert same(found, trie(usual, texts, alphabet, empty=True))


@given(texts=st.dictionaries(st.text(LETTERS, max_size=4), st.booleans(), max_size=6))
def test_few_texts_come_back_from_their_automaton(texts: dict[str, bool]) -> None:
    found = trie(default=False, exceptions=texts, alphabet="", empty=True)

    assert (False, {text: True for text, hit in texts.items() if hit}) == found.exceptions()


def test_a_state_without_letters_of_its_own_is_not_taken_for_any_other() -> None:
    found = regex("(?:[^a].)*")

    assert [found.at("1" * length) for length in range(5)] == [True, False, True, False, True]
    assert not found.at("a1")


@given(text=st.text("ab*", max_size=8))
def test_a_glob_matches_the_texts_that_its_automaton_takes(text: str) -> None:
    automaton = glob(glob_parts(text), LETTERS, empty=True)

    for value in TEXTS:
        if "c" not in value:
            assert glob_matches(text, value) == automaton.at(value), (text, value)
