"""The ACL log of OVN, which OVN-Kubernetes writes of policies and egress firewalls.

`TIME|N|acl_log(...)|INFO|name="NP:payments:allow:Egress:0", verdict=allow, severity=info,
direction=from-lport: tcp,...,nw_src=...,nw_dst=...,tp_dst=443,...`.
"""

from __future__ import annotations

import re

from transire.flowlogs.format import Format
from transire.flowlogs.record import Flow, Outcome, Peer, Policy, Record, Seen, Unreadable
from transire.flowlogs.scalars import address_of, port_of, time_of

_LINE = re.compile(
    r'(?P<time>\S+?)\|\d+\|acl_log\([^)]*\)\|\w+\|name="(?P<name>[^"]*)", verdict=(?P<verdict>\w+),'
    r" severity=\w+(?:, direction=(?P<way>[\w-]+))?: (?P<protocol>\w+),(?P<fields>.*)"
)
_OUTCOMES = {
    "allow": Outcome.PASSED,
    "allow-related": Outcome.PASSED,
    "drop": Outcome.DENIED,
    "reject": Outcome.DENIED,
    "pass": Outcome.UNKNOWN,
}
_OWNERS = {"ANP", "BANP", "UDNIsolation"}


def _read(line: bytes) -> Record | None:
    found = _LINE.search(line.decode("utf-8", "replace"))
    if found is None:
        raise Unreadable("another form than OVN's ACL log")
    fields = {
        key: value
        for key, equals, value in (each.partition("=") for each in found["fields"].split(","))
        if equals
    }
    source = fields.get("nw_src") or fields.get("ipv6_src")
    destination = fields.get("nw_dst") or fields.get("ipv6_dst")
    if not source or not destination:
        return None
    at = time_of(found["time"])
    port = fields.get("tp_dst")
    namespace, policy, egress = _owner(found["name"])
    return Flow(
        first=at,
        last=at,
        seen=Seen.DECISION,
        outcome=_OUTCOMES.get(found["verdict"], Outcome.UNKNOWN),
        source=Peer(address=address_of(source), namespace=namespace if egress else ""),
        destination=Peer(address=address_of(destination)),
        protocol=_protocol(found["protocol"]),
        port=port_of(port) if port else None,
        egress=egress,
        policies=(policy,) if policy else (),
    )


def _protocol(written: str) -> str:
    return {"tcp6": "TCP", "udp6": "UDP", "sctp6": "SCTP", "icmp": "ICMPv4", "icmp6": "ICMPv6"}.get(
        written, written.upper()
    )


_DIRECTIONS = {"Egress": True, "Ingress": False}
_DEFAULT_DENY = re.compile(
    r"(?:a\d{9,}|(?P<namespace>[a-z0-9-]+))_(?P<way>egress|ingress)DefaultDeny"
)
"""Of releases before 4.13; where the namespace's name is too long, a hash stands for it."""


def _owner(name: str) -> tuple[str, Policy | None, bool | None]:
    """Namespace, policy and direction of `NP:payments:allow-dns:Egress:0`.

    What the default of a namespace denies is `NP:payments:Egress`, and of no policy.
    """
    parts = name.split(":")
    egress = next((_DIRECTIONS[each] for each in parts[:1:-1] if each in _DIRECTIONS), None)
    match parts:
        case ["EF", namespace, *_]:
            return namespace, Policy(namespace=namespace, name="default"), True
        case ["NP", namespace, way, *_] if way in _DIRECTIONS:
            return (namespace, None, _DIRECTIONS[way])
        case ["NP", namespace, policy, *_, last]:
            rule = int(last) if last.isdecimal() else None
            return namespace, Policy(namespace=namespace, name=policy, rule=rule), egress
        case [owner, policy, *_] if owner in _OWNERS:
            return "", Policy(name=policy), egress
        case [plain] if old := _DEFAULT_DENY.fullmatch(plain):
            return old["namespace"] or "", None, old["way"] == "egress"
        case _:
            return "", Policy(name=name) if name and name != "<unnamed>" else None, egress


OVN = Format(
    name="ovn",
    title="ACL log of OVN",
    recognises=lambda line: b"|acl_log(" in line,
    read=_read,
    never=frozenset({"names", "pods"}),
)
