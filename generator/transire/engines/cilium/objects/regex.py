"""Whether a text is a regular expression to Go, as far as that is known without Go.

HTTP rules hold such texts; a wrong one makes the agent refuse the whole object. Source: Go's
`regexp/syntax` with the flags of `regexp.Compile`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Regex(Enum):
    """What is known of a text."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """Releases of Go differ on it, or only its size decides."""


_LONGEST = 1024
_MOST_REPEATS = 1000
_TOKEN = re.compile(
    r"""
      \\(?P<escape>.?)
    | \[(?P<class>\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*)(?P<closed>\])?
    | (?P<named>\(\?(?P<angle>P?)<(?P<name>[A-Za-z0-9_]+)>)
    | (?P<flags>\(\?[imsU]*(?:-[imsU]+)?(?P<end>[:)]))
    | (?P<perl>\(\?)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<or>\|)
    | (?P<repeat>(?:[*+?]|\{(?P<least>0|[1-9][0-9]*)(?P<more>,(?P<most>0|[1-9][0-9]*)?)?\})\??)
    | .
    """,
    re.DOTALL | re.VERBOSE,
)
_ITEM = re.compile(r"\[:\^?(?P<named>[a-z]+):\]|\\(?P<escape>.)|.", re.DOTALL)
_NAMED = frozenset(
    {
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
        "space", "upper", "word", "xdigit",
    }
)  # fmt: skip
_CHARACTERS = frozenset("afnrtv")
_SETS = frozenset("dDsSwW")
_PLACES = frozenset("AbBz")
_OPEN = frozenset("xpPQ01234567")
"""Escapes that take more letters, which are left open."""


def judge(text: str) -> Regex:
    """Whether `text` is a regular expression."""
    if len(text) > _LONGEST or "-[:" in text:
        return Regex.UNKNOWN
    found = set(_Run().faults(text))
    return next((each for each in (Regex.WRONG, Regex.UNKNOWN) if each in found), Regex.RIGHT)


@dataclass(slots=True)
class _Run:
    depth: int = 0
    before: str = "open"
    """The kind of the token before, as far as a repetition needs to know it."""
    repeats: int = 1
    names: set[str] = field(default_factory=set)

    def faults(self, text: str) -> Iterator[Regex]:
        for token in _TOKEN.finditer(text):
            yield from self._token(token)
        if self.depth:
            yield Regex.WRONG

    def _token(self, token: re.Match[str]) -> Iterator[Regex]:
        before, self.before = self.before, "atom"
        if token["escape"] is not None:
            yield _escape(token["escape"], _PLACES)
        elif token["class"] is not None:
            yield from _class(token["class"]) if token["closed"] else (Regex.WRONG,)
        elif token["repeat"]:
            self.before = "repeat"
            yield from self._repeat(token, before)
        elif token["perl"]:
            yield Regex.WRONG
        elif token["close"]:
            self.depth -= 1
            if self.depth < 0:
                yield Regex.WRONG
        elif token["flags"] and token["end"] == ")":
            self.before = "flags"
        elif token["or"] or token["open"] or token["flags"] or token["named"]:
            self.before = "open"
            self.depth += not token["or"]
            yield from self._name(token)

    def _name(self, token: re.Match[str]) -> Iterator[Regex]:
        if token["named"]:
            if token["name"] in self.names:
                yield Regex.WRONG
            elif not token["angle"]:
                yield Regex.UNKNOWN
            self.names.add(token["name"])

    def _repeat(self, token: re.Match[str], before: str) -> Iterator[Regex]:
        if before in {"open", "repeat"}:
            yield Regex.WRONG
        elif before == "flags":
            yield Regex.UNKNOWN
        if token["least"]:
            least = int(token["least"])
            most = int(token["most"] or least)
            if most < least or most > _MOST_REPEATS:
                yield Regex.WRONG
            self.repeats *= max(most, 1)
            if self.repeats > _MOST_REPEATS:
                yield Regex.UNKNOWN


def _escape(letter: str, places: frozenset[str]) -> Regex:
    if letter in _OPEN:
        return Regex.UNKNOWN
    plain = letter.isascii() and not letter.isalnum()
    known = letter and (plain or letter in _CHARACTERS | _SETS | places)
    return Regex.RIGHT if known else Regex.WRONG


def _class(text: str) -> Iterator[Regex]:
    """What is wrong between two brackets."""
    items = list(_ITEM.finditer(text.removeprefix("^")))
    place = 0
    while place < len(items):
        item = items[place]
        if item["named"]:
            yield Regex.RIGHT if item["named"] in _NAMED else Regex.WRONG
        elif item["escape"]:
            yield _escape(item["escape"], frozenset())
        whole = item["named"] or (item["escape"] or " ") in _SETS
        if not whole and place + 2 < len(items) and items[place + 1][0] == "-":
            yield from _range(item, items[place + 2])
            place += 3
        else:
            place += 1


def _range(first: re.Match[str], last: re.Match[str]) -> Iterator[Regex]:
    if last["escape"] and last["escape"] in _SETS:
        yield Regex.WRONG
    ends = [_character(each) for each in (first, last)]
    if not all(ends):
        yield Regex.UNKNOWN
    elif ends[1] < ends[0]:
        yield Regex.WRONG


def _character(item: re.Match[str]) -> str:
    """The character that an item of a class stands for, or the empty string where it is open."""
    letter = item["escape"] or item[0]
    return "" if item["escape"] and letter.isalnum() else letter
