"""YAML out: one spelling for one tree, read alike by every YAML reader.

Helm reads `y`, `on`, `1e3` and `0o17` without quotes as booleans and numbers, and no Python
writer quotes them all. So nothing is decided here by looking at a value: every string is in double
quotes, and so is every key that is not a plain word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Self

YamlTree = str | bool | int | Sequence["YamlTree"] | Mapping[str, "YamlTree"]
"""What can be written: strings, booleans, integers, and lists and mappings of those."""

_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_READ_AS_SOMETHING_ELSE = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nil"}
    | {"inf", "infinity", "nan"}
)
_MAX_KEY = 1000
"""Readers give up on a key of more than 1024 characters before its colon (YAML 1.2.2, 7.4.2)."""

_COLLECTIONS = (Mapping, list, tuple)

_MAX_INTEGER = 2**53 - 1
"""Helm passes numbers through JSON, where greater ones lose their last digits."""

_VISIBLE = (
    r"\x20\x21\x23-\x5b\x5d-\x7e\xa1-\xac\xae-\u02ff\u0370-\u05ff\u0620-\u06dc\u0900-\u180d"
    r"\u1810-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdcf"
    r"\ufdf0-\ufdff\ufe10-\ufefe\uff01-\uffef\U00010000-\U0001fffd\U00020000-\U0002fffd"
)
_ESCAPED = re.compile(f"[^{_VISIBLE}]")
_BLOCK_LINE = re.compile(r"(?:[\x20-\x7e]*[\x21-\x7e])?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SHORT = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


class Block(str):
    """Text of whole lines, which is written line by line in place of a map.

    Raises:
        ValueError: if a line is not visible ASCII, begins the text with a space or ends with one,
            or if the text does not end with one line's end.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """The text, if its bytes are the same to every reader."""
        *lines, last = text.split("\n")
        whole = last == "" and lines and lines[-1] and not text.startswith((" ", "\n"))
        if not whole or not all(_BLOCK_LINE.fullmatch(each) for each in lines):
            raise ValueError(f"{text!r} is no text of lines that every reader takes alike")
        return super().__new__(cls, text)


def write(tree: YamlTree, *, head: Iterable[str] = ()) -> str:
    """The tree as a YAML document in block style; `head` gives comment lines before it.

    Mappings keep their order. What people can see is written as it is, everything invisible as an
    escape, by a fixed table, so that the bytes are the same on every machine.

    Raises:
        TypeError: for a value that is not a `YamlTree`, such as None, bytes or a fraction.
        ValueError: for text that no YAML file can hold (half a surrogate pair), an integer beyond
            2**53 - 1, a key of more than 1000 characters, or a comment of more than one line.
    """
    lines = [_comment(text) for text in head]
    _put(tree, lines, first="", rest="")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    if any(_ESCAPED.match(letter) for letter in text if letter not in '"\\'):
        raise ValueError(f"a comment is one line of visible text, not {text!r}")
    return f"# {text}".rstrip()


def _put(tree: YamlTree, lines: list[str], *, first: str, rest: str) -> None:
    """Append the value's lines: the first after the text `first`, the others after `rest`."""
    if not _has_items(tree):
        lines.append(first + _inline(tree))
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            if _has_items(value):
                lines.append(f"{first}{_key(key)}:")
                _put(value, lines, first=rest + "  ", rest=rest + "  ")
            elif isinstance(value, Block):
                lines.append(f"{first}{_key(key)}: |")
                lines += [f"{rest}  {each}" if each else "" for each in value.splitlines()]
            else:
                lines.append(f"{first}{_key(key)}: {_inline(value)}")
            first = rest
    elif isinstance(tree, Sequence):
        for item in tree:
            if _has_items(item):
                _put(item, lines, first=first + "- ", rest=rest + "  ")
            else:
                lines.append(f"{first}- {_inline(item)}")
            first = rest


def _has_items(tree: YamlTree) -> bool:
    return not isinstance(tree, str) and isinstance(tree, _COLLECTIONS) and bool(tree)


@lru_cache(maxsize=1_024)
def _key(key: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, not {key!r}")
    if _PLAIN_KEY.fullmatch(key) and key.lower() not in _READ_AS_SOMETHING_ELSE:
        written = str(key)
    else:
        written = _quoted(key)
    if len(written) > _MAX_KEY:
        raise ValueError(f"a key of {len(written)} characters is longer than {_MAX_KEY}")
    return written


def _inline(value: YamlTree) -> str:
    match value:
        case str():
            return _quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) > _MAX_INTEGER:
                raise ValueError(f"{value} loses digits in JSON; write it as text")
            return str(int(value))
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
        case _:
            raise TypeError(f"{value!r} cannot be written; only text, whole numbers and booleans")


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    if _SURROGATE.search(text):
        raise ValueError(f"{text!r} holds half a surrogate pair, which no file can hold")
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    letter = match[0]
    if letter in _SHORT:
        return _SHORT[letter]
    if letter <= "\xff":
        return f"\\x{ord(letter):02x}"
    if letter <= "\uffff":
        return f"\\u{ord(letter):04x}"
    return f"\\U{ord(letter):08x}"
