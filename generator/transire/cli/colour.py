"""Colour on terminals, at known places of known lines and nowhere else.

`NO_COLOR` (https://no-color.org) and a terminal that calls itself dumb get none, and neither does
what is no terminal. Colours are added behind the escaping of `printing`, so that text from files
can bring none of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TextIO

import click

_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "error": "red",
        "deny": "red",
        "opens": "red",
        "high": "red",
        "critical": "red",
        "warning": "yellow",
        "unjudgeable": "yellow",
        "medium": "yellow",
        "note": "cyan",
        "allow": "green",
        "closes": "green",
        "low": "green",
        "!": "yellow",
        "-": "red",
        "+": "green",
    }
)
"""By the word that is coloured; labels of lines are bold."""

_LABELS = "help|decided by|because|note|left out|reason|ticket"

_PLACES: Sequence[re.Pattern[str]] = (
    re.compile(r"(?P<before>(?:\S.*?: )?)(?P<word>error|warning|note)(?P<after>: .*)"),
    re.compile(r"(?P<before>)(?P<word>allow|deny|unjudgeable)(?P<after>: .*)"),
    re.compile(r"(?P<before>  [-+!] )(?P<word>opens|closes)(?P<after>: .*)"),
    re.compile(r"(?P<before>  )(?P<word>critical|high|medium|low)(?P<after>: .*)"),
    re.compile(r"(?P<before>)(?P<word>!)(?P<after> .*)"),
    re.compile(r"(?P<before>    )(?P<word>[-+])(?P<after> .*)"),
    re.compile(r"(?P<before>.*[:;,] risk )(?P<word>critical|high|medium|low)(?P<after>)"),
    re.compile(rf"(?P<before>  )(?P<word>{_LABELS})(?P<after>: .*)"),
)
"""Lines in which a word is coloured: findings, verdicts, changes, and what explains them."""


def wanted(stream: TextIO) -> bool:
    """Whether what is written to the stream gets colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def painted(text: str) -> str:
    """The text with colours for a terminal."""
    return "\n".join(map(_line, text.split("\n")))


def heading(text: str) -> str:
    """A line that is the head of a table."""
    return click.style(text, bold=True)


def _line(line: str) -> str:
    for place in _PLACES:
        found = place.fullmatch(line)
        if found is not None:
            word = click.style(found["word"], fg=_COLOURS.get(found["word"]), bold=True)
            return f"{found['before']}{word}{found['after']}"
    return line
