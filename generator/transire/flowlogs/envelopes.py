"""What collectors wrap lines in: container runtimes, fluent-bit, Loki, Elasticsearch, arrays.

A line of a container's log has a time and a stream before it; shippers keep a line as a text in
their own JSON; exports hold many in one document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_CRI = re.compile(rb"(\d{4}-\d\d-\d\dT\S+) (?:stdout|stderr) [FP] ")
_STAMPED = re.compile(rb"(\d{4}-\d\d-\d\dT\S+Z) (?=[{\[])")
_BARE = b'{"flow":{'
"""How most lines begin: nothing is around them."""
_DEEPEST = 4
"""Envelopes around one line; a shipper around a runtime around a document has three."""
_TEXTS = ("log", "line", "message", "_raw")
_HINTS = tuple(f'"{key}"'.encode() for key in (*_TEXTS, "data", "items", "values", "hits"))


def unwrapped(line: bytes, depth: int = 0) -> Iterator[bytes]:
    """The lines inside a line; itself, where nothing is around it."""
    if line.startswith(_BARE):
        yield line
        return
    inner = _without_prefix(line.strip())
    tree = _envelope(inner) if depth < _DEEPEST else None
    if tree is None:
        if inner:
            yield inner
        return
    for each in tree:
        yield from unwrapped(each, depth + 1)


def _without_prefix(line: bytes) -> bytes:
    found = _CRI.match(line)
    if found is None:
        stamped = _STAMPED.match(line)
        return line[stamped.end() :] if stamped else line
    rest = line[found.end() :]
    # A log without a time of its own takes the runtime's.
    return rest if rest.startswith(b"{") else found[1] + b" " + rest


def _envelope(line: bytes) -> list[bytes] | None:
    """What an envelope holds, or None where the line is none."""
    if line.startswith(b"["):
        return _listed(line)
    if not line.startswith(b"{") or not any(hint in line for hint in _HINTS):
        return None
    try:
        tree = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return None
    for key in _TEXTS:
        text = tree.get(key)
        if isinstance(text, str) and _is_whole_line(text):
            return [text.encode()]
    found = _many(tree)
    return None if found is None else [_bytes(each) for each in found]


def _is_whole_line(text: str) -> bool:
    """Whether a text is a line of a log, and not a word of one."""
    stripped = text.strip()
    return stripped.startswith("{") or " " in stripped


def _listed(line: bytes) -> list[bytes] | None:
    try:
        tree = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return None
    return [_bytes(each) for each in tree if isinstance(each, dict)]


def _many(tree: dict[str, Any]) -> list[Any] | None:
    """Loki's `data.result[].values[][1]` and `values`, Whisker's `items`, Elasticsearch's hits."""
    data, hits = tree.get("data"), tree.get("hits")
    if isinstance(data, dict) and isinstance(data.get("result"), list):
        streams = [each for each in data["result"] if isinstance(each, dict)]
        return [pair[1] for each in streams for pair in each.get("values") or () if len(pair) > 1]
    if isinstance(hits, dict) and isinstance(hits.get("hits"), list):
        return list(hits["hits"])
    if isinstance(tree.get("items"), list):
        return list(tree["items"])
    return None


def _bytes(tree: object) -> bytes:
    return tree.encode() if isinstance(tree, str) else msgspec.json.encode(tree)
