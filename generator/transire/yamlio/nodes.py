"""What a YAML file holds, before anybody decides what a scalar means.

Readers disagree about plain scalars: `no` is text in YAML 1.2 and false in 1.1, `0755` is 755 or
493. So a scalar keeps the text that was written and whether it was written plain, and whoever needs
text, a number or a date decides, or refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from transire.model.problems import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A scalar as written; `plain` means without quotes and not as a block."""

    text: str
    plain: bool
    at: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    at: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key with its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode:
    """A mapping by the text of its keys, in the order of the file."""

    entries: Mapping[str, Entry]
    at: Position


Node = ScalarNode | SequenceNode | MappingNode

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]
"""The tree as JSON has it; a scalar that readers dispute stays text."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_DISPUTED_BOOLEAN = frozenset(
    spelling
    for word in ("y", "n", "yes", "no", "on", "off")
    for spelling in (word, word.capitalize(), word.upper())
)
_INTEGER = re.compile(r"-?[1-9][0-9]{0,15}|0")
_FIRST_OF_NUMBER = frozenset("+-.0123456789_")
_NUMBER = re.compile(
    r"[-+]*+(?:0_*b[01_]+|0_*o[0-7_]+|0_*x[0-9a-f_]+|\.?_+"
    r"|[0-9_]+(?::[0-9_]+)+(?:\.[0-9_]*)?"
    r"|(?=[^0-9]*[0-9])[0-9_]*+(?:\.[0-9_]*+)?(?:e[-+_]*+(?:[0-9][0-9_]*)?)?"
    r"|\.(?:inf|nan))",
    re.IGNORECASE,
)
"""Wider than any one reader: signs and underscores wherever one of them takes them.

No character is taken in two ways, so that a scalar of a megabyte takes no longer than reading it.
"""

_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", re.DOTALL)
_LONGEST_WORD = 5


def taken_for(text: str) -> str:
    """What some YAML reader takes the plain scalar for other than text, or the empty string.

    The union of YAML 1.1 and 1.2 and of the readers in use: `a boolean`, `a number`, `a date`,
    `nothing`, `a merge key`, `a default`.
    """
    if len(text) <= _LONGEST_WORD:
        if text in _NOTHING:
            return "nothing"
        if text in _TRUE or text in _FALSE or text in _DISPUTED_BOOLEAN:
            return "a boolean"
        if text in {"<<", "="}:
            return "a merge key" if text == "<<" else "a default"
    if text[0] in _FIRST_OF_NUMBER:
        if _NUMBER.fullmatch(text):
            return "a number"
        if _DATE.fullmatch(text):
            return "a date"
    return ""


def plain(node: Node) -> Plain:
    """The node as JSON would have it, for a schema.

    Only what all readers agree on becomes a number, a boolean or null.
    """
    match node:
        case ScalarNode(text=text, plain=True):
            return _agreed(text)
        case ScalarNode(text=text):
            return text
        case SequenceNode(items=items):
            return [plain(each) for each in items]
        case MappingNode(entries=entries):
            return {key: plain(entry.value) for key, entry in entries.items()}


def _agreed(text: str) -> str | int | bool | None:
    if len(text) <= _LONGEST_WORD:
        if text in _NOTHING:
            return None
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
    if text[0] in _FIRST_OF_NUMBER and _INTEGER.fullmatch(text):
        return int(text)
    return text


def at_path(root: Node, path: tuple[str | int, ...]) -> Node:
    """The node that keys and list places lead to.

    Raises:
        KeyError: if the path leads nowhere.
    """
    node = root
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node.entries:
            node = node.entries[step].value
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            raise KeyError(path)
    return node
