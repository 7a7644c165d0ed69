"""What a line tells beside its record: how a connection ended, and what a proxy was answered.

Absent fields stand for what the line does not hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transire.flowlogs.formats.fields import json_tree, mapping, text
from transire.flowlogs.record import Unreadable

_SQUID = re.compile(
    r"\S+\s+-?\d+ \S+ (?P<result>[A-Z_]+)/(?P<status>\d{3}) -?\d+ \S+ (?P<url>\S+) \S+ "
    r"(?P<way>[A-Z_]+)/(?P<peer>\S+) (?P<type>\S+)"
)
_HUBBLE, _SQUID_NAME, _SQUID_JSON, _ENVOY = "hubble", "squid", "squid-json", "envoy"
_OWN_PAGE = "text/html"
"""What proxies write their own pages of errors in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What is not in a record.

    `status` is that of HTTP; `reached`: a proxy had a connection to the host; `own`: the proxy
    wrote the response itself. `reset`: one end ended the connection at once. `handed`: the engine
    handed the packets to a proxy of its own. `drop` is why a packet was dropped.
    """

    status: int | None = None
    reached: bool | None = None
    own: bool | None = None
    url: str = ""
    reset: bool = False
    handed: bool = False
    drop: str = ""


NOTHING = Detail()


def detail_of(format_: str, line: bytes) -> Detail:
    """The detail of a line without its envelope, by the name of its format."""
    if format_ == _HUBBLE:
        return _of_hubble(line)
    if format_ == _SQUID_NAME:
        return _of_squid(line)
    if format_ in {_SQUID_JSON, _ENVOY}:
        return _of_json(line)
    return NOTHING


def _of_hubble(line: bytes) -> Detail:
    try:
        tree = mapping(json_tree(line))
    except Unreadable:
        return NOTHING
    flow = mapping(tree.get("flow")) or tree
    flags = mapping(mapping(mapping(flow.get("l4")).get("TCP")).get("flags"))
    return Detail(
        reset=flags.get("RST") is True,
        handed=flow.get("verdict") == "REDIRECTED",
        drop=text(flow.get("drop_reason_desc")),
    )


def _of_squid(line: bytes) -> Detail:
    found = _SQUID.match(line.decode("utf-8", "replace"))
    if found is None:
        return NOTHING
    reached = found["peer"] != "-" and "NONE" not in found["way"]
    return Detail(
        status=int(found["status"]) or None,
        reached=reached,
        own=not reached or found["type"].startswith(_OWN_PAGE),
        url=found["url"],
    )


def _of_json(line: bytes) -> Detail:
    try:
        tree = mapping(json_tree(line))
    except Unreadable:
        return NOTHING
    code = tree.get("code", tree.get("response_code"))
    status = int(str(code)) if str(code).isdecimal() else None
    peer = text(tree.get("dst")) or text(tree.get("upstream_host"))
    reached = bool(peer) and peer != "-"
    details = text(tree.get("response_code_details"))
    own = not reached or (bool(details) and details != "via_upstream")
    return Detail(status=status or None, reached=reached, own=own)
