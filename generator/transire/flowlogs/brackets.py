"""How deep lines of JSON are in its brackets, which tells documents from an object a line."""

from __future__ import annotations

import re

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_OPENING = re.compile(rb"\[\s*(?:[\[{]|$)|\{$")


def opens_document(line: bytes) -> bool:
    """Whether a first line begins what goes on over the next ones: an array, or a brace alone."""
    stripped = line.strip()
    return bool(_OPENING.match(stripped)) and depth(stripped, b"[{", b"]}") > 0


def depth(line: bytes, opening: bytes, closing: bytes) -> int:
    """How many of some brackets a line opens more than it closes; those in texts are none."""
    bare = _STRING.sub(b"", line)
    return _count(bare, opening) - _count(bare, closing)


def _count(line: bytes, brackets: bytes) -> int:
    return sum(line.count(each) for each in brackets)
