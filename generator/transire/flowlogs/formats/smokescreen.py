"""Smokescreen's JSON log: one `CANONICAL-PROXY-DECISION` for each request.

`enforce_would_deny` beside `allow` is what it lets pass in report mode
(`pkg/smokescreen/smokescreen.go`).
"""

from __future__ import annotations

from transire.flowlogs.format import Format
from transire.flowlogs.formats.fields import json_tree, mapping, text
from transire.flowlogs.record import Flow, Outcome, Peer, Policy, Record, Seen, Unreadable
from transire.flowlogs.scalars import address_of, host_and_port, is_address, name_of, time_of

_DECISION = "CANONICAL-PROXY-DECISION"


def _read(line: bytes) -> Record | None:
    tree = mapping(json_tree(line))
    if tree.get("msg") != _DECISION:
        return None
    allowed = tree.get("allow")
    if not isinstance(allowed, bool):
        raise Unreadable("a decision without allow")
    host, port = host_and_port(text(tree.get("requested_host")))
    if not host:
        raise Unreadable("a decision without a host")
    written = text(tree.get("start_time")) or text(tree.get("time"))
    at = time_of(written) if written else None
    client = host_and_port(text(tree.get("inbound_remote_addr")))[0]
    reached = host_and_port(text(tree.get("outbound_remote_addr")))[0]
    at_address = host if is_address(host) else reached
    role = text(tree.get("role"))
    return Flow(
        first=at,
        last=at,
        seen=Seen.REQUEST,
        outcome=_outcome(
            allowed=allowed,
            would_deny=tree.get("enforce_would_deny") is True,
            failed=text(tree.get("level")) == "error",
        ),
        source=Peer(address=address_of(client) if client else ""),
        destination=Peer(address=address_of(at_address) if at_address else "", entity="world"),
        names=() if is_address(host) else (name_of(host),),
        named=True,
        protocol="TCP",
        port=port,
        egress=True,
        reply=False,
        policies=(Policy(name=role),) if role else (),
    )


def _outcome(*, allowed: bool, would_deny: bool, failed: bool) -> Outcome:
    if not allowed:
        return Outcome.DENIED
    if would_deny:
        return Outcome.WOULD_BE_DENIED
    return Outcome.FAILED if failed else Outcome.PASSED


SMOKESCREEN = Format(
    name="smokescreen",
    title="Smokescreen, JSON",
    recognises=lambda line: b"CANONICAL-PROXY-" in line,
    read=_read,
    never=frozenset({"pods"}),
)
