"""The tokens of a template, as Go's `text/template` splits it.

Only what decides what a template may reach is kept: text outside of `{{` and `}}` is dropped, and
so are comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_OPEN = re.compile(r"\{\{(?:-(?=\s))?")
_COMMENT = re.compile(r"\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<close>-?\}\})"
    r'|(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)'
    r"|(?P<number>[+-]?[0-9][0-9A-Za-z_.]*|'(?:[^'\\\n]|\\.)+')"
    r"|(?P<field>(?:\.[^\W\d]\w*)+)"
    r"|(?P<dot>\.)"
    r"|(?P<variable>\$\w*)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>:=|[=,|()])"
)


class Sort(Enum):
    """What a token is."""

    TEXT = auto()
    NUMBER = auto()
    FIELD = auto()
    DOT = auto()
    VARIABLE = auto()
    WORD = auto()
    SIGN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token of an action, and its place in the template.

    A field is the whole chain, such as `.Values.rules`; `joined` means that nothing stands between
    the token and the one before.
    """

    sort: Sort
    text: str
    place: int
    joined: bool


TemplateAction = tuple[Token, ...]
"""What stands between `{{` and `}}`; never empty."""


class Unreadable(Exception):  # noqa: N818 - the reader says what it means
    """A place that could not be split into words."""

    def __init__(self, place: int) -> None:
        self.place = place
        super().__init__(f"character {place}")


def actions(text: str) -> Iterator[TemplateAction]:
    """Every action of a template, comments left out.

    Raises:
        Unreadable: where a template has what is not known here, or an action that does not end.
    """
    place = 0
    while (opened := _OPEN.search(text, place)) is not None:
        comment = _COMMENT.match(text, opened.end())
        if comment is not None:
            place = comment.end()
            continue
        action, place = _action(text, opened.end())
        if not action:
            raise Unreadable(opened.start())
        yield action


def _action(text: str, place: int) -> tuple[TemplateAction, int]:
    found: list[Token] = []
    joined = False
    while True:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise Unreadable(place)
        place = match.end()
        if match.lastgroup == "close":
            return tuple(found), place
        if match.lastgroup == "space":
            joined = False
            continue
        sort = Sort[match.lastgroup.upper()]
        found.append(Token(sort=sort, text=match[0], place=match.start(), joined=joined))
        joined = True
