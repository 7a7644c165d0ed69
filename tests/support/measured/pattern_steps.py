"""Regular expressions measured in steps of a backtracking matcher, as `re` has one.

`re` goes back inside C, where nothing can be counted. Here the same syntax tree, which `re`'s own
parser reads, becomes instructions of a small machine that tries alternatives in the same order. A
part of the syntax that the machine lacks is an error, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from re import _constants as c  # type: ignore[attr-defined] # the tree has no public names
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from support.measured.steps import TooManySteps

LIMIT = 3_000_000
"""Steps after which a match is given up."""


def _in_word(one: str) -> bool:
    return one.isalnum() or one == "_"


_Test = Callable[[str], bool]
_CATEGORIES: dict[Any, _Test] = {
    c.CATEGORY_DIGIT: str.isdecimal,
    c.CATEGORY_NOT_DIGIT: lambda one: not one.isdecimal(),
    c.CATEGORY_SPACE: str.isspace,
    c.CATEGORY_NOT_SPACE: lambda one: not one.isspace(),
    c.CATEGORY_WORD: _in_word,
    c.CATEGORY_NOT_WORD: lambda one: not _in_word(one),
}
_Place = Callable[[str, int], bool]
_PLACES: dict[Any, _Place] = {
    c.AT_BEGINNING: lambda _, at: at == 0,
    c.AT_BEGINNING_STRING: lambda _, at: at == 0,
    c.AT_END: lambda text, at: text[at:] in ("", "\n"),
    c.AT_END_STRING: lambda text, at: at == len(text),
    c.AT_BOUNDARY: lambda text, at: _in_word(text[at - 1 : at]) != _in_word(text[at : at + 1]),
}
_PLACES_OF_LINES: dict[Any, _Place] = {
    c.AT_BEGINNING: lambda text, at: at == 0 or text[at - 1] == "\n",
    c.AT_END: lambda text, at: at == len(text) or text[at] == "\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Take:
    """One character that passes the test."""

    test: _Test


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """Go on at any of these distances from here, the first one first."""

    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    """A condition on the place, which takes nothing."""

    test: Callable[[str, int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inner:
    """A program of its own, whose first match is final."""

    program: tuple[Any, ...]
    look: bool = False
    back: int = 0
    wanted: bool = True


@dataclass(slots=True)
class CountedPattern:
    """A compiled pattern that counts its steps, with the methods that read a text from a place."""

    pattern: re.Pattern[str]
    limit: int = LIMIT
    steps: int = 0
    _program: tuple[Any, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the pattern."""
        tree = parser.parse(self.pattern.pattern, self.pattern.flags)
        self._program = _sequence(tree, re.RegexFlag(self.pattern.flags))

    def match(self, text: str, place: int = 0) -> re.Match[str] | None:
        """What `re` finds at this place, which must be what was counted."""
        end = self._run(self._program, text, place)
        return _same(end, self.pattern.match(text, place))

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """What `re` finds for the whole text, which must be what was counted."""
        end = self._run((*self._program, _Hold(test=_PLACES[c.AT_END_STRING])), text, 0)
        return _same(end, self.pattern.fullmatch(text))

    def search(self, text: str) -> re.Match[str] | None:
        """What `re` finds anywhere, which must be what was counted."""
        ends = (self._run(self._program, text, place) for place in range(len(text) + 1))
        first = next((each for each in ends if each is not None), None)
        return _same(first, self.pattern.search(text))

    def _run(self, program: tuple[Any, ...], text: str, place: int) -> int | None:
        """Where the first match ends."""
        waiting = [(0, place)]
        while waiting:
            line, at = waiting.pop()
            while line < len(program):
                self.steps += 1
                if self.steps > self.limit:
                    raise TooManySteps(f"more than {self.limit} steps: {self.pattern.pattern}")
                after = self._step(program[line], text, at)
                if after is None:
                    break
                jump, at = after
                line, *others = (line + each for each in jump)
                waiting += [(each, at) for each in reversed(others)]
            else:
                return at
        return None

    def _step(self, one: Any, text: str, at: int) -> tuple[tuple[int, ...], int] | None:  # noqa: ANN401
        match one:
            case _Take(test=test):
                return ((1,), at + 1) if at < len(text) and test(text[at]) else None
            case _Hold(test=holds):
                return ((1,), at) if holds(text, at) else None
            case _Try(ways=ways):
                return ways, at
            case _Inner(program=program, look=False):
                end = self._run(program, text, at)
                return ((1,), end) if end is not None else None
            case _Inner(program=program, back=back, wanted=wanted):
                seen = at >= back and self._run(program, text, at - back) is not None
                return ((1,), at) if seen == wanted else None
        raise NotImplementedError(one)


def _same(end: int | None, found: re.Match[str] | None) -> re.Match[str] | None:
    assert end == (found.end() if found else None)
    return found


def _sequence(tree: Iterable[Any], flags: re.RegexFlag) -> tuple[Any, ...]:
    return tuple(line for op, argument in tree for line in _part(op, argument, flags))


def _part(op: Any, argument: Any, flags: re.RegexFlag) -> tuple[Any, ...]:  # noqa: ANN401 - parts of the tree
    if op in (c.LITERAL, c.NOT_LITERAL, c.IN, c.ANY):
        return (_Take(test=_test(op, argument, flags)),)
    if op is c.AT:
        places = _PLACES | _PLACES_OF_LINES if flags & re.MULTILINE else _PLACES
        return (_Hold(test=places[argument]),)
    if op is c.SUBPATTERN and not argument[1] and not argument[2]:
        return _sequence(argument[3], flags)
    if op is c.BRANCH:
        return _branches([_sequence(each, flags) for each in argument[1]])
    if op in (c.MAX_REPEAT, c.MIN_REPEAT):
        return _repeat(op, argument, flags)
    if op is c.ATOMIC_GROUP:
        return (_Inner(program=_sequence(argument, flags)),)
    if op is c.POSSESSIVE_REPEAT:
        return (_Inner(program=_repeat(c.MAX_REPEAT, argument, flags)),)
    if op in (c.ASSERT, c.ASSERT_NOT):
        direction, inner = argument
        back = inner.getwidth()[0] if direction < 0 else 0
        program = _sequence(inner, flags)
        return (_Inner(program=program, look=True, back=back, wanted=op is c.ASSERT),)
    raise NotImplementedError(f"{op} {argument}")


def _branches(ways: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    first, *others = ways
    if not others:
        return first
    rest = _branches(others)
    return (
        _Try(ways=(1, len(first) + 2)),
        *first,
        _Try(ways=(len(rest) + 1,)),
        *rest,
    )


def _repeat(op: Any, argument: Any, flags: re.RegexFlag) -> tuple[Any, ...]:  # noqa: ANN401
    """The part as often as allowed, by trying more first where it is greedy."""
    least, most, inner = argument
    body = _sequence(inner, flags)
    more, enough = 1, len(body) + (2 if most is c.MAXREPEAT else 1)
    way = _Try(ways=(more, enough) if op is c.MAX_REPEAT else (enough, more))
    if most is not c.MAXREPEAT:
        rest: tuple[Any, ...] = ()
        for _ in range(most - least):
            inside = (*body, *rest)
            ways = (1, len(inside) + 1)
            rest = (_Try(ways=ways if op is c.MAX_REPEAT else ways[::-1]), *inside)
        return (*body * least, *rest)
    if inner.getwidth()[0] == 0:
        raise NotImplementedError("a part that may be empty, without end")
    return (*body * least, way, *body, _Try(ways=(-len(body) - 1,)))


def _test(op: Any, argument: Any, flags: re.RegexFlag) -> _Test:  # noqa: ANN401 - parts of the tree
    if op is c.ANY:
        return lambda one: one != "\n" or bool(flags & re.DOTALL)
    negated = op is c.NOT_LITERAL or (op is c.IN and argument[0][0] is c.NEGATE)
    items = argument[negated:] if op is c.IN else [(c.LITERAL, argument)]
    tests = [_item(*each) for each in items]
    if flags & re.IGNORECASE:
        tests += [_swapped(each) for each in tests]
    return lambda one: any(each(one) for each in tests) != negated


def _swapped(test: _Test) -> _Test:
    return lambda one: test(one.swapcase())


def _item(op: Any, argument: Any) -> _Test:  # noqa: ANN401 - parts of the tree
    if op is c.LITERAL:
        return lambda one: ord(one) == argument
    if op is c.RANGE:
        low, high = argument
        return lambda one: low <= ord(one) <= high
    if op is c.CATEGORY:
        return _CATEGORIES[argument]
    raise NotImplementedError(f"{op} {argument}")
