"""Flows of Calico open source from 3.30: Whisker's REST, and Goldmane's JSON by gRPC tools.

Neither has names, nor, before `source_ips` and `dest_ips`, addresses: what is outside is
`PUBLIC NETWORK` (`pub`) or a set (`goldmane/proto/api.proto`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transire.flowlogs.format import Format
from transire.flowlogs.formats.fields import (
    counted,
    json_tree,
    keyed,
    labels_of,
    lasting_name,
    listed,
    mapping,
    text,
    time_at,
)
from transire.flowlogs.record import Flow, Outcome, Peer, Policy, Record, Seen
from transire.flowlogs.scalars import address_of, port_of

_OUTSIDE = {
    "pub": "world",
    "pvt": "private",
    "PUBLIC NETWORK": "world",
    "PRIVATE NETWORK": "private",
}
_SETS = {"NetworkSet", "ns", "3"}
"""Of `EndpointType` in the proto, which some tools print as a number."""
_ACTIONS = {"1": "allow", "2": "deny", "3": "pass"}
_REPORTERS = {"1": "src", "2": "dst"}


def _recognises(line: bytes) -> bool:
    named = b'"dest_name"' in line or b'"destName"' in line
    return line.startswith(b"{") and named and b'"dest_name_aggr"' not in line


def _read(line: bytes) -> Record | None:
    tree = json_tree(line)
    return _record(mapping(tree)) if isinstance(tree, dict) else None


def _record(tree: dict[str, Any]) -> Flow:
    body = mapping(tree.get("flow")) or tree
    key = mapping(body.get("Key") or body.get("key")) or body
    policies = mapping(keyed(key, "policies"))
    enforced = _trail(listed(keyed(policies, "enforced", "enforcedPolicies", "enforced_policies")))
    pending = _trail(listed(keyed(policies, "pending", "pendingPolicies", "pending_policies")))
    action = _word(keyed(key, "action"), _ACTIONS)
    port = keyed(key, "dest_port", "destPort")
    return Flow(
        first=time_at(keyed(body, "start_time", "startTime")),
        last=time_at(keyed(body, "end_time", "endTime")),
        count=counted(keyed(body, "num_connections_started", "numConnectionsStarted")),
        seen=Seen.DECISION,
        outcome=_outcome(action, pending),
        source=_peer(key, body, "source"),
        destination=_peer(key, body, "dest"),
        protocol=text(keyed(key, "protocol", "proto")).upper(),
        port=port_of(port) if isinstance(port, int | str) and port != "" else None,
        egress={"src": True, "dst": False}.get(_word(keyed(key, "reporter"), _REPORTERS)),
        reply=False,
        policies=tuple(each for each, _ in enforced if each.name),
    )


def _outcome(action: str, pending: list[tuple[Policy, str]]) -> Outcome:
    staged = pending[-1][1] if pending else ""
    if action == "allow":
        return Outcome.WOULD_BE_DENIED if staged == "deny" else Outcome.PASSED
    return Outcome.DENIED if action == "deny" else Outcome.UNKNOWN


def _trail(hits: list[Any]) -> list[tuple[Policy, str]]:
    """What was met, in order, each with its action; the end of a tier is no policy's word."""
    found = [mapping(each) for each in hits]
    found.sort(key=lambda each: _index(keyed(each, "policy_index", "policyIndex")))
    return [(_policy(each), _word(each.get("action"), _ACTIONS)) for each in found]


def _policy(hit: dict[str, Any]) -> Policy:
    rule = keyed(hit, "rule_index", "ruleIndex")
    return Policy(
        namespace=text(hit.get("namespace")),
        name=text(hit.get("name")),
        rule=rule if isinstance(rule, int) and rule >= 0 else None,
    )


def _word(written: object, numbers: Mapping[str, str]) -> str:
    """A word of an enum, in lower case, also where a tool prints its number."""
    return numbers.get(str(written), text(written).lower())


def _index(written: object) -> int:
    return written if isinstance(written, int) else 0


def _peer(key: dict[str, Any], body: dict[str, Any], end: str) -> Peer:
    name = text(keyed(key, f"{end}_name", f"{end}Name"))
    kind = keyed(key, f"{end}_type", f"{end}Type")
    is_set = str(kind) in _SETS
    namespace = text(keyed(key, f"{end}_namespace", f"{end}Namespace"))
    addresses = listed(keyed(body, f"{end}_ips", f"{end}Ips"))
    pod = "" if name in _OUTSIDE or is_set else name
    return Peer(
        address=address_of(addresses[0]) if len(addresses) == 1 else "",
        # A set that lives in a namespace stands for addresses all the same.
        namespace="" if namespace == "-" or is_set else namespace,
        pod=pod,
        workload=workload_of(pod),
        labels=labels_of(keyed(body, f"{end}_labels", f"{end}Labels")),
        entity=_OUTSIDE.get(name, ""),
        address_set=name if is_set else "",
    )


def workload_of(name: str) -> str:
    """What pods share before Calico's star: `payments-api` of `payments-api-7c9d8b6f5-*`."""
    if not name.endswith("-*"):
        return ""
    return lasting_name(name.removesuffix("-*"))


CALICO = Format(
    name="calico",
    title="Calico open source: Whisker and Goldmane, JSON",
    recognises=_recognises,
    read=_read,
    never=frozenset({"names"}),
)
