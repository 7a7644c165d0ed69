"""Resources as Envoy reads them from a file: JSON in which what may change has lines of its own.

A change of one name is then a change of one line, and a name costs four bytes more than itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from transire.yamlio.writer import YamlTree


class Lines(tuple[YamlTree, ...]):
    """A list with a line for each of its items."""

    __slots__ = ()


class Opened(dict[str, YamlTree]):
    """A mapping whose lists of lines are written as such."""

    __slots__ = ()


def document(resources: Iterable[YamlTree]) -> str:
    """A file with these resources."""
    return _text(Opened(resources=Lines(resources))) + "\n"


def _text(value: YamlTree) -> str:
    match value:
        case Lines():
            return "[\n" + ",\n".join(map(_text, value)) + "\n]"
        case Opened():
            entries = (f"{json.dumps(key)}:{_text(item)}" for key, item in value.items())
            return "{" + ",".join(entries) + "}"
        case _:
            return json.dumps(value, separators=(",", ":"))
