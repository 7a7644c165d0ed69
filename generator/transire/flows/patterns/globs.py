"""Globs: literal text with stars that stand for zero or more characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from transire.flows.diagrams.automaton import Automaton, Row, minimal
from transire.flows.diagrams.diagram import Diagram

STAR: Final = None
"""Stands for zero or more characters."""


def glob_parts(text: str) -> tuple[str | None, ...]:
    """The literals and stars of a text in which `*` is a star."""
    first, *others = text.split("*")
    parts = [first, *(part for other in others for part in (STAR, other))]
    return tuple(part for part in parts if part != "")


def glob_matches(text: str, value: str) -> bool:
    """Whether `text`, in which `*` is zero or more characters, stands for the value.

    Each literal between two stars is taken at the first place where it fits, which is never wrong,
    so the time is proportional to both lengths multiplied at worst. `glob` is the set of all
    such values.
    """
    head, *literals = text.split("*")
    if not literals:
        return head == value
    tail = literals.pop()
    at, end = len(head), len(value) - len(tail)
    if at > end or not value.startswith(head) or not value.endswith(tail):
        return False
    for literal in literals:
        found = value.find(literal, at, end)
        if found < 0:
            return False
        at = found + len(literal)
    return True


def glob(parts: Sequence[str | None], alphabet: str, *, empty: bool) -> Automaton[Diagram]:
    """The automaton that is true for the texts that `parts`, literals and stars, stand for.

    It has one state per literal character, however many stars there are: once a star is passed,
    nothing before it matters, since what the star allows includes all that came before. Without
    `empty` the empty string cannot occur.
    """
    tokens: list[str | None] = []
    for part in parts:
        tokens.extend([STAR] if part is STAR else part)
    start = _settled(tokens, {0})
    number = {start: 0 if empty else 1}
    order = [start]
    rows: list[Row[Diagram]] = []
    for places in order:
        stays = {place for place in places if place < len(tokens) and tokens[place] is STAR}
        edges = {}
        for each in {tokens[place] for place in places if place < len(tokens)} - {STAR}:
            moved = {place + 1 for place in places - stays if tokens[place : place + 1] == [each]}
            edges[each] = _settled(tokens, stays | moved)
        targets = [*edges.values(), _settled(tokens, stays)]
        for target in targets:
            if target not in number:
                number[target] = len(number) + number[start]
                order.append(target)
        named = {each: number[target] for each, target in edges.items() if each is not None}
        rows.append(Row(len(tokens) in places, named, number[targets[-1]]))
    if not empty:
        rows.insert(0, Row(None, rows[0].edges, rows[0].default))
    return minimal(rows, alphabet)


def _settled(tokens: Sequence[str | None], places: set[int]) -> frozenset[int]:
    """The places with those behind a star added and those before the last star dropped."""
    found = set(places)
    for place in places:
        while place < len(tokens) and tokens[place] is STAR:
            place += 1  # noqa: PLW2901 - walks past a run of stars
            found.add(place)
    stars = [place for place in found if place < len(tokens) and tokens[place] is STAR]
    last = max(stars, default=0)
    return frozenset(place for place in found if place >= last)
