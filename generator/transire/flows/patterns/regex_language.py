"""Regular expressions in RE2's syntax as automata."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from transire.flows.diagrams.automaton import Automaton, Row, minimal
from transire.flows.diagrams.diagram import Diagram
from transire.flows.patterns.regex_syntax import (
    Chars,
    Either,
    RegexPart,
    Repeated,
    Sequenced,
    parsed,
)
from transire.model.problems import Unjudgeable

_MOST_STEPS: Final = 60_000
"""What making an automaton deterministic may take, in states looked at."""


def regex(text: str) -> Automaton[Diagram]:
    """The automaton that is true for the texts that an expression matches from end to end.

    Raises:
        Unjudgeable: if the expression is wrong, uses what is not modelled, or is too intricate.
    """
    return _Builder(text).machine()


class _Builder:
    """Nondeterministic steps, on characters and without any, made deterministic at the end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _MOST_STEPS
        self._on: list[tuple[Chars, int] | None] = []
        self._free: list[list[int]] = []
        part = parsed(text)
        self._first = self._state()
        self._last = self._add(part, self._first)

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise Unjudgeable("regular expression", self._text, "it is too intricate to judge")

    def _state(self) -> int:
        self._spend(1)
        self._on.append(None)
        self._free.append([])
        return len(self._on) - 1

    def _add(self, part: RegexPart, start: int) -> int:
        """Lay a part's steps from `start`, and give the state behind it."""
        match part:
            case Sequenced(parts):
                for each in parts:
                    start = self._add(each, start)
                return start
            case Either(parts):
                end = self._state()
                for each in parts:
                    first = self._state()
                    self._free[start].append(first)
                    self._free[self._add(each, first)].append(end)
                return end
            case Repeated(inner, least, most):
                return self._repeat(inner, least, most, start)
            case _:
                begin, end = self._state(), self._state()
                self._free[start].append(begin)
                self._on[begin] = part, end
                return end

    def _repeat(self, part: RegexPart, least: int, most: int | None, start: int) -> int:
        for _ in range(least):
            start = self._add(part, start)
        if most is None:
            again = self._state()
            self._free[start].append(again)
            self._free[self._add(part, again)].append(again)
            return again
        end = self._state()
        for _ in range(most - least):
            self._free[start].append(end)
            start = self._add(part, start)
        self._free[start].append(end)
        return end

    def _closed(self, states: Iterable[int]) -> frozenset[int]:
        found = set(states)
        todo = list(found)
        while todo:
            for to in self._free[todo.pop()]:
                if to not in found:
                    found.add(to)
                    todo.append(to)
        self._spend(len(found))
        return frozenset(found)

    def machine(self) -> Automaton[Diagram]:
        """The minimal automaton."""
        start = self._closed([self._first])
        number = {start: 0}
        order = [start]
        rows: list[Row[Diagram]] = []
        for states in order:
            moves = [move for state in states if (move := self._on[state]) is not None]
            named = {char for chars, _ in moves for char in chars.named}
            targets = {
                char: self._closed(
                    to for chars, to in moves if (char in chars.named) != chars.others
                )
                for char in named
            }
            other = self._closed(to for chars, to in moves if chars.others)
            for target in (*targets.values(), other):
                if target not in number:
                    number[target] = len(order)
                    order.append(target)
            edges = {char: number[target] for char, target in targets.items()}
            rows.append(Row(self._last in states, edges, number[other]))
        return minimal(rows, "")


def fewest_literals(text: str) -> int:
    """How many single characters a text has that the expression matches, where none is left out.

    No program of the expression has fewer steps, however it is simplified. One that begins with `^`
    has no such bound, since RE2 keeps its literal beginning apart.

    Raises:
        Unjudgeable: if the expression is wrong or uses what is not modelled.
    """
    return 0 if text.startswith("^") else _literals(parsed(text))


def _literals(part: RegexPart) -> int:
    match part:
        case Sequenced(parts):
            return sum(map(_literals, parts))
        case Either(parts):
            return max(map(_literals, parts))
        case Repeated(inner, least, _):
            return least * _literals(inner)
        case Chars(named, others):
            return int(len(named) == 1 and not others)
