"""Access logs of Envoy and Istio: JSON with the operators' usual keys, and Istio's default text.

What no route takes has `route_not_found` among its details, what RBAC denies `rbac_access_denied`;
Istio's `BlackHoleCluster` is what REGISTRY_ONLY refuses, and its `PassthroughCluster` what passes
without being listed; what an `inbound|` cluster takes comes to the pod. Connections of TCP have the
code 0, whatever became of them, and what ended them among `connection_termination_details`.
A generated proxy logs the `namespace` of its listener, and `verdict` with what it would deny.
"""

from __future__ import annotations

import re
from typing import Any

from transire.flowlogs.format import Format
from transire.flowlogs.formats.fields import json_tree, keyed, mapping, text, time_at
from transire.flowlogs.record import Flow, Outcome, Peer, Record, Seen, Unreadable
from transire.flowlogs.scalars import (
    address_of,
    host_and_port,
    is_address,
    name_of,
)

_TEXT = re.compile(
    r'\[(?P<start_time>[^\]]+)\] "(?P<request>[^"]*)" (?P<response_code>\d+) '
    r"(?P<response_flags>\S+) (?P<response_code_details>\S+) "
    r'(?P<connection_termination_details>\S+) "(?P<failure>[^"]*)" '
    r"\d+ \d+ \d+ \S+ "
    r'"[^"]*" "[^"]*" "[^"]*" "(?P<authority>[^"]*)" "(?P<upstream_host>[^"]*)" '
    r"(?P<upstream_cluster>\S+) (?P<upstream_local_address>\S+) (?P<downstream_local_address>\S+) "
    r"(?P<downstream_remote_address>\S+) (?P<requested_server_name>\S+) (?P<route_name>\S+)"
)
_REFUSED = ("route_not_found", "rbac_access_denied", "direct_response")
_BLACK_HOLE, _UNLISTED = "BlackHoleCluster", "PassthroughCluster"
_INBOUND = ("inbound|", "inbound-", "InboundPassthroughCluster")
_NO_REQUEST = {"", "-", "- - -"}
_NO_ROUTE = ("NR", "UAEX")
_UNREACHED = ("UF", "UH", "DF", "URX", "NC", "UT")


def _read_json(line: bytes) -> Record | None:
    return _flow(mapping(json_tree(line)))


def _read_text(line: bytes) -> Record | None:
    found = _TEXT.match(line.decode("utf-8", "replace"))
    if found is None:
        raise Unreadable("another form than Istio's default log")
    return _flow(found.groupdict())


def _flow(tree: dict[str, Any]) -> Flow | None:
    authority = text(keyed(tree, "authority", ":authority", "host"))
    named = text(keyed(tree, "requested_server_name", "sni"))
    local = _address(text(tree.get("downstream_local_address")))
    host, port = host_and_port(authority) if authority else (named, None)
    if not host and not local[0]:
        return None
    at = time_at(keyed(tree, "start_time", "time", "timestamp"))
    reached = _address(text(tree.get("upstream_host")))
    cluster = text(tree.get("upstream_cluster"))
    shown = "" if not host or is_address(host) else name_of(host)
    return Flow(
        first=at,
        last=at,
        seen=Seen.REQUEST,
        outcome=_outcome(tree),
        source=Peer(
            address=_address(text(tree.get("downstream_remote_address")))[0],
            namespace=text(tree.get("namespace")),
        ),
        destination=Peer(
            address=reached[0] or (address_of(host) if host and is_address(host) else local[0]),
            entity="world" if cluster == _UNLISTED else "",
        ),
        names=(shown,) if shown else (),
        named=True,
        protocol="TCP",
        port=port or reached[1] or local[1],
        egress=not cluster.startswith(_INBOUND),
        reply=False,
    )


def _address(text_: str) -> tuple[str, int | None]:
    if not text_:
        return "", None
    host, port = host_and_port(text_)
    return (address_of(host), port) if is_address(host) else ("", port)


def _outcome(tree: dict[str, Any]) -> Outcome:
    details = text(tree.get("response_code_details"))
    details += text(tree.get("connection_termination_details"))
    flags = text(tree.get("response_flags")).split(",")
    refused = any(each in details for each in _REFUSED) or not {*flags}.isdisjoint(_NO_ROUTE)
    refused |= tree.get("upstream_cluster") == _BLACK_HOLE or tree.get("route_name") == "block_all"
    if refused:
        return Outcome.DENIED
    audited = tree.get("would_deny") is True or tree.get("verdict") == "would-deny"
    if "would_deny" in details or audited:
        return Outcome.WOULD_BE_DENIED
    unanswered = str(tree.get("response_code")) == "0" and _is_request(tree)
    if not {*flags}.isdisjoint(_UNREACHED) or unanswered:
        return Outcome.FAILED
    return Outcome.PASSED


def _is_request(tree: dict[str, Any]) -> bool:
    """Whether it is one of HTTP, and no connection of TCP."""
    return any(text(tree.get(key)) not in _NO_REQUEST for key in ("request", "method", "protocol"))


ENVOY = Format(
    name="envoy",
    title="Envoy and Istio, JSON",
    recognises=lambda line: (
        line.startswith(b"{")
        and b'"response_code"' in line
        and (b'"authority"' in line or b'"requested_server_name"' in line)
    ),
    read=_read_json,
    never=frozenset({"pods"}),
)
ISTIO = Format(
    name="istio",
    title="Istio, default text",
    recognises=lambda line: _TEXT.match(line.decode("utf-8", "replace")) is not None,
    read=_read_text,
    never=frozenset({"pods"}),
)
