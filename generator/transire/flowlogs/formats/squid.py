"""Squid's access log: its native form, and JSON with the keys that the documentation names.

Native: `time.ms elapsed client result/status bytes method URL user hierarchy/peer type`. What was
denied has `DENIED` in its result; what never came to a decision has the status `000`.
A generated proxy also logs the `namespace` of its port, and `verdict` with what it would deny.
"""

from __future__ import annotations

import re

from transire.flowlogs.format import Format
from transire.flowlogs.formats.fields import json_tree, mapping, text
from transire.flowlogs.record import Flow, Outcome, Peer, Record, Seen, Unreadable
from transire.flowlogs.scalars import (
    address_of,
    host_and_port,
    is_address,
    name_of,
    port_of,
    seconds_of,
)

_LINE = re.compile(
    r"(?P<time>\d+\.\d{3})\s+-?\d+ (?P<client>\S+) (?P<result>[A-Z_]+)/(?P<status>\d{3}) -?\d+ "
    r"(?P<method>\S+) (?P<url>\S+) \S+ (?P<hierarchy>[A-Z_]+)/(?P<peer>\S+) \S+"
)
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#@]*@)?(?P<host>[^/?#@]+)")
_PORTS = {"http": 80, "https": 443, "ftp": 21}
_NONE = "-"


def _read(line: bytes) -> Record | None:
    found = _LINE.match(line.decode("utf-8", "replace"))
    if found is None:
        raise Unreadable("another form than Squid's native log")
    host, port = _target(found["method"], found["url"])
    return _flow(
        at=seconds_of(float(found["time"])),
        client=found["client"],
        host=host,
        port=port,
        peer=found["peer"],
        result=found["result"],
        status=found["status"],
    )


def _target(method: str, url: str) -> tuple[str, int | None]:
    if method == "CONNECT":
        return host_and_port(url)
    if url.startswith("error:"):
        return "", None
    found = _URL.match(url)
    if found is None:
        raise Unreadable("a URL that is none")
    host, port = host_and_port(found["host"])
    return host, port or _PORTS.get(found["scheme"].lower())


def _read_json(line: bytes) -> Record | None:
    tree = mapping(json_tree(line))
    at, port = tree.get("ts"), tree.get("port")
    if not isinstance(at, int | float):
        raise Unreadable("a time that is none")
    return _flow(
        at=seconds_of(at),
        client=text(tree.get("client")),
        host=text(tree.get("host")),
        port=port_of(port) if isinstance(port, int | str) and port != _NONE else None,
        peer=text(tree.get("dst")) or _NONE,
        result=text(tree.get("result")),
        status=str(tree.get("code")),
        namespace=text(tree.get("namespace")).strip(_NONE),
        audited=tree.get("verdict") == "would-deny",
    )


def _flow(
    *,
    at: float,
    client: str,
    host: str,
    port: int | None,
    peer: str,
    result: str,
    status: str,
    namespace: str = "",
    audited: bool = False,
) -> Flow | None:
    if host in {"", _NONE}:
        return None
    bare = host.strip("[]")
    found = address_of(bare) if is_address(bare) else ""
    reached = address_of(peer) if peer != _NONE and is_address(peer) else ""
    outcome = _outcome(result, status)
    if audited and outcome is Outcome.PASSED:
        outcome = Outcome.WOULD_BE_DENIED
    return Flow(
        first=at,
        last=at,
        seen=Seen.REQUEST,
        outcome=outcome,
        source=Peer(address=address_of(client) if is_address(client) else "", namespace=namespace),
        destination=Peer(address=found or reached, entity="world"),
        names=() if found else (name_of(host),),
        named=True,
        protocol="TCP",
        port=port,
        egress=True,
        reply=False,
    )


def _outcome(result: str, status: str) -> Outcome:
    if "DENIED" in result:
        return Outcome.DENIED
    if status in {"000", "0", "502", "503", "504"}:
        return Outcome.FAILED
    return Outcome.PASSED


SQUID = Format(
    name="squid",
    title="Squid, native",
    recognises=lambda line: _LINE.match(line.decode("utf-8", "replace")) is not None,
    read=_read,
    never=frozenset({"pods"}),
)
SQUID_JSON = Format(
    name="squid-json",
    title="Squid, JSON",
    recognises=lambda line: all(
        key in line for key in (b'"ts":', b'"client":', b'"result":', b'"host":')
    ),
    read=_read_json,
    never=frozenset({"pods"}),
)
