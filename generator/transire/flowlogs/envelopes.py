"""What collectors wrap lines in: container runtimes, fluent-bit, Loki, Elasticsearch, arrays.

A line of a container's log has a time and a stream before it; shippers keep a line as a text in
their own JSON; exports hold many in one document. The time of what is around a line is that of the
line, where it has none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from transire.flowlogs.format import BARE
from transire.flowlogs.formats.fields import listed, mapping, text, time_at
from transire.flowlogs.record import Unreadable

_STAMP = rb"(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))"
_POD = re.compile(rb"\[pod/[^\]\s]+\] ")
"""What `kubectl logs --prefix` puts first."""
_CRI = re.compile(_STAMP + rb" (?:stdout|stderr) [FP] ")
_LOGCLI = re.compile(_STAMP + rb'\s+\{[A-Za-z_]\w*="[^}]*\}\s+')
_STAMPED = re.compile(_STAMP + rb"\s+(?=[{\[])")
"""`kubectl logs --timestamps` before JSON, and before a program's `[INFO]`."""
_DEEPEST = 5
"""Envelopes around one line; an export of a shipper around a runtime around a document has four."""
_TEXTS = ("log", "line", "message", "_raw", "MESSAGE", "event")
_TREES = ("log_processed", "parsed", "json", "result", "_source", *_TEXTS)
"""Where shippers keep the line that they have read as JSON."""
_MANY = ("items", "events", "streams")
_TIMES = ("timestamp", "@timestamp", "time", "date", "_time", "ts", "__REALTIME_TIMESTAMP")
_HINTS = tuple(
    f'"{key}"'.encode() for key in dict.fromkeys((*_TREES, *_MANY, "data", "values", "hits"))
)


class Inner(NamedTuple):
    """A line without what was around it, and the time that stood there."""

    line: bytes
    at: float | None = None


def unwrapped(line: bytes, at: float | None = None, depth: int = 0) -> Iterator[Inner]:
    """The lines inside a line; itself, where nothing is around it.

    Raises:
        Unreadable: if it is an error of the API server in place of a log.
    """
    if line.startswith(BARE):
        yield Inner(line, at)
        return
    inner, stamped = _without_prefix(line.strip())
    at = at if stamped is None else stamped
    tree = _envelope(inner, at) if depth < _DEEPEST else None
    if tree is None:
        if inner:
            yield Inner(inner, at)
        return
    for each in tree:
        yield from unwrapped(each.line, each.at, depth + 1)


def _without_prefix(line: bytes) -> Inner:
    if line.startswith(b"[pod/") and (pod := _POD.match(line)):
        line = line[pod.end() :]
    if not line[:1].isdigit():
        return Inner(line)
    for each in (_CRI, _LOGCLI, _STAMPED):
        if found := each.match(line):
            return Inner(line[found.end() :], _time(found["time"].decode()))
    return Inner(line)


def _time(written: object) -> float | None:
    """A time of an envelope; one that is none takes nothing from the line in it."""
    try:
        return time_at(written)
    except Unreadable:
        return None


def _envelope(line: bytes, at: float | None) -> list[Inner] | None:
    """What an envelope holds, or None where the line is none."""
    if line.startswith(b"["):
        return _listed(line, at)
    if not line.startswith(b"{") or not any(hint in line for hint in _HINTS):
        return None
    try:
        tree = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return None
    if tree.get("kind") == "Status" and "status" in tree:
        reason = text(tree.get("reason")) or "error"
        raise Unreadable(f"the API server's {reason}, and no log")
    at = next((time for key in _TIMES if (time := _time(tree.get(key))) is not None), at)
    for key in _TEXTS:
        written = tree.get(key)
        if isinstance(written, str) and _is_whole_line(written):
            return [Inner(written.encode(), at)]
    for key in _TREES:
        if isinstance(tree.get(key), dict) and "flow" not in tree:
            return [Inner(_bytes(tree[key]), at)]
    found = _many(tree)
    return (
        None if found is None else [Inner(_bytes(each), _stamp(when, at)) for when, each in found]
    )


def _is_whole_line(written: str) -> bool:
    """Whether a text is a line of a log, and not a word of one."""
    stripped = written.strip()
    return stripped.startswith("{") or " " in stripped


def _stamp(written: object, at: float | None) -> float | None:
    found = _time(written)
    return at if found is None else found


def _listed(line: bytes, at: float | None) -> list[Inner] | None:
    try:
        tree = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return None
    return [Inner(_bytes(each), at) for each in tree if isinstance(each, dict)]


def _many(tree: dict[str, Any]) -> list[tuple[object, Any]] | None:
    """What an export holds, each with the time beside it, None without.

    Loki has `data.result[].values` or `streams`, Whisker `items`, CloudWatch `events`, and
    Elasticsearch hits.
    """
    data, hits = tree.get("data"), tree.get("hits")
    streams = tree.get("streams")
    if isinstance(data, dict) and isinstance(data.get("result"), list):
        streams = data["result"]
    if isinstance(streams, list):
        pairs = [pair for each in streams for pair in listed(mapping(each).get("values"))]
        return [(pair[0], pair[1]) for pair in pairs if len(pair) > 1]
    if isinstance(hits, dict) and isinstance(hits.get("hits"), list):
        return [(None, each) for each in hits["hits"]]
    for key in _MANY:
        if isinstance(tree.get(key), list):
            return [(None, each) for each in tree[key]]
    return None


def _bytes(tree: object) -> bytes:
    return tree.encode() if isinstance(tree, str) else msgspec.json.encode(tree)
