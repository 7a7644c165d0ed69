"""Whether a text is a regular expression to Go, as far as one can tell without Go.

HTTP rules hold such texts; a wrong one makes the agent refuse the whole object.
"""

from __future__ import annotations

import re
import warnings
from enum import Enum


class Regex(Enum):
    """What is known of a text."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """Go and Python may differ on it."""


_SHARED = re.compile(
    r"(?:[^\\()\[\]{}*+?|]|\\[-.+*?()|\[\]{}^$\\/dDwWsSbB]|\[\^?[^\\\[\]]+\]|\((?:\?:|(?!\?))|\)"
    r"|\||(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)*",
    re.DOTALL,
)
"""Constructs that mean the same in both: anything else is left open."""
_LONGEST = 1024


def judge(text: str) -> Regex:
    """Whether `text` is a regular expression."""
    if len(text) > _LONGEST:
        return Regex.UNKNOWN
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return Regex.WRONG if _SHARED.fullmatch(text) else Regex.UNKNOWN
    return Regex.RIGHT if _SHARED.fullmatch(text) else Regex.UNKNOWN
