"""Flows of Hubble: `hubble observe -o json`, its exporter, and the older form without a wrapper.

Shape and enums are those of `api/v1/flow/flow.proto` (protojson with the names of the proto, zero
values left out, so that an absent text or number is empty). `is_reply` may be absent, which stands
for unknown, and is absent on drops (`pkg/hubble/parser/threefour/parser.go`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache

import msgspec

from transire.flowlogs.format import BARE, Format
from transire.flowlogs.formats.fields import lasting_name
from transire.flowlogs.formats.hubble_shape import (
    Addresses,
    Dns,
    Endpoint,
    Icmp,
    Layer4,
    Line,
    Transport,
    Workload,
    WrittenFlow,
    WrittenPolicy,
    fields,
)
from transire.flowlogs.record import (
    NOBODY,
    Flow,
    Lookup,
    Lost,
    Outcome,
    Peer,
    Policy,
    Record,
    Seen,
    Unreadable,
)
from transire.flowlogs.scalars import address_of, name_of, names_of, port_of, time_of

_OUTCOMES = {
    "FORWARDED": Outcome.PASSED,
    "REDIRECTED": Outcome.PASSED,
    "TRANSLATED": Outcome.PASSED,
    "TRACED": Outcome.PASSED,
    "DROPPED": Outcome.DENIED,
    "AUDIT": Outcome.WOULD_BE_DENIED,
    "ERROR": Outcome.FAILED,
}
_DENIED = {"POLICY_DENIED", "POLICY_DENY", ""}
"""Reasons of drops that are policy; without a reason it is a proxy that dropped."""
_DROP, _TRACE, _DECISION, _L7 = 1, 4, 5, 129
_CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_POD_NAMESPACE = "io.kubernetes.pod.namespace"
_ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
_OWN_LABELS = ("io.cilium.", "io.kubernetes.pod.", "topology.")


_NO_ENDPOINT = (b"", b"null")
_EMPTY = frozenset({*_NO_ENDPOINT, b"{}"})
_NOWHERE = Addresses()
_DIRECTIONS = {"EGRESS": True, "INGRESS": False}
_wrapped = msgspec.json.Decoder(Line)
_endpoint = msgspec.json.Decoder(Endpoint)
_plain = msgspec.json.Decoder(WrittenFlow)


def _recognises(line: bytes) -> bool:
    if line.startswith(BARE):
        return True
    if not line.startswith(b"{"):
        return False
    wrapped = any(key in line for key in (b'"flow":{', b'"flow": {', b'"lost_events"'))
    return wrapped or b'"node_status"' in line or _is_plain(line)


def _is_plain(line: bytes) -> bool:
    return b'"verdict"' in line and (b'"event_type"' in line or b'"traffic_direction"' in line)


def _read(line: bytes) -> Record | None:
    try:
        found = _wrapped.decode(line)
        if found.lost_events is not None:
            return _lost(found)
        flow = found.flow or _without_wrapper(line)
    except msgspec.MsgspecError as error:
        raise Unreadable(_why(error)) from None
    if flow is not None:
        return _record(flow, found)
    if any(map(bytes, (found.node_status, found.agent_event, found.debug_event))):
        return None
    raise Unreadable("no flow where Hubble has it")


def _without_wrapper(line: bytes) -> WrittenFlow | None:
    found = _plain.decode(line) if _is_plain(line) else None
    return found if found and found.verdict else None


def _why(error: msgspec.MsgspecError) -> str:
    """In few words, without the place in the line, so that equal mistakes count as one."""
    if isinstance(error, msgspec.ValidationError):
        return f"a value of another type{str(error).rpartition(' - at')[2].join((' at', ''))}"
    return "no JSON"


def _lost(line: Line) -> Lost:
    at = time_of(line.time) if line.time else None
    source = line.lost_events.source if line.lost_events else ""
    number = line.lost_events.num_events_lost if line.lost_events else 0
    try:
        count = int(number)
    except ValueError:
        raise Unreadable("a count that is none") from None
    return Lost(first=at, last=at, count=max(count, 0), what=f"events lost in {source or 'Hubble'}")


def _record(flow: WrittenFlow, line: Line) -> Record | None:
    written = flow.time or line.time
    at = time_of(written) if written else None
    node = flow.node_name or line.node_name
    if flow.l7 is not None and flow.l7.dns is not None:
        return _lookup(flow, flow.l7.type, flow.l7.dns, at, node)
    protocol, port = _target(flow.l4)
    addresses = flow.IP or _NOWHERE
    source, source_lacks = _end(bytes(flow.source), addresses.source)
    destination, _ = _end(bytes(flow.destination), addresses.destination)
    names, odd = names_of(flow.destination_names) if flow.destination_names else ((), ())
    allowed_by = flow.egress_allowed_by or flow.egress_denied_by
    event = flow.event_type.type if flow.event_type else 0
    seen, outcome = _manner(event, flow.verdict, flow.drop_reason_desc, bool(allowed_by))
    return Flow(
        first=at,
        last=at,
        seen=seen,
        outcome=outcome,
        source=source,
        destination=destination,
        names=names,
        protocol=protocol,
        port=port,
        egress=_DIRECTIONS.get(flow.traffic_direction),
        reply=flow.is_reply,
        policies=_policies(allowed_by) if allowed_by else (),
        node=node,
        lacks=(*_lacks(flow), *source_lacks, *odd),
    )


@lru_cache(maxsize=512)
def _manner(event: int, verdict: str, reason: str, decided: bool) -> tuple[Seen, Outcome]:
    """What a flow was seen by, and what became of it."""
    return _seen(event, verdict, decided=decided), _outcome(verdict, reason)


def _seen(event: int, verdict: str, *, decided: bool) -> Seen:
    if event == _DROP:
        return Seen.DROP
    if event == _L7:
        return Seen.REQUEST
    if event == _DECISION or (not event and decided):
        return Seen.DECISION
    if not event and verdict == "DROPPED":
        return Seen.DROP
    return Seen.PACKET


def _outcome(verdict: str, reason: str) -> Outcome:
    outcome = _OUTCOMES.get(verdict, Outcome.UNKNOWN)
    if outcome is Outcome.DENIED and reason not in _DENIED:
        return Outcome.FAILED
    return outcome


def _target(layer: Layer4 | None) -> tuple[str, int | None]:
    """Protocol and port; for ICMP the type."""
    if layer is None:
        return "", None
    if layer.TCP is not None:
        return "TCP", port_of(layer.TCP.destination_port) or None
    for name in ("UDP", "SCTP"):
        transport: Transport | None = getattr(layer, name)
        if transport is not None:
            return name, port_of(transport.destination_port) or None
    for name in ("ICMPv4", "ICMPv6"):
        icmp: Icmp | None = getattr(layer, name)
        if icmp is not None:
            return name, icmp.type
    return "", None


@lru_cache(maxsize=8_192)
def _end(written: bytes, address: str) -> tuple[Peer, tuple[str, ...]]:
    """One end by its JSON, which is the same for every flow of a pod, and what a source lacks."""
    peer = _peer(written, address_of(address) if address else "")
    if peer.entity:
        return peer, ()
    parts = {"source.namespace": peer.namespace, "source.labels": peer.labels is not None}
    return peer, tuple(name for name, there in parts.items() if not there)


def _peer(written: bytes, address: str) -> Peer:
    if written in _NO_ENDPOINT:
        return Peer(address=address) if address else NOBODY
    try:
        endpoint = _endpoint.decode(written)
    except msgspec.MsgspecError as error:
        raise Unreadable(_why(error)) from None
    labels, entity, account = _labels(endpoint.labels)
    workload = endpoint.workloads[0] if endpoint.workloads else None
    return Peer(
        address=address,
        namespace=endpoint.namespace,
        pod=endpoint.pod_name,
        workload=_workload(workload) if workload else "",
        service_account=account,
        labels=labels,
        entity=entity,
        cluster=endpoint.cluster_name,
    )


def _workload(written: Workload) -> str:
    """`Kind/name`, and for a ReplicaSet or a run of a CronJob the name of what made it."""
    if written.kind in {"ReplicaSet", "Job"}:
        lasting = lasting_name(written.name)
        return f"{written.kind}/{written.name}" if lasting == written.name else lasting
    return f"{written.kind}/{written.name}" if written.kind else written.name


def _labels(written: Sequence[str] | None) -> tuple[Mapping[str, str] | None, str, str]:
    """The pod's own labels, what is reserved, and the service account."""
    if written is None:
        return None, "", ""
    labels: dict[str, str] = {}
    entity, account = "", ""
    for each in written:
        source, _, rest = each.partition(":")
        key, _, value = rest.partition("=")
        if source == "reserved":
            entity = _better(entity, key)
        elif key == _ACCOUNT:
            account = value
        elif source == "k8s" and not key.startswith(_OWN_LABELS):
            labels[key] = value
    return labels, entity, account


def _better(one: str, other: str) -> str:
    """Of several reserved labels the one that says most: `kube-apiserver` before `world`."""
    return other if one in {"", "world", "remote-node", "host"} else one


def _policies(found: Sequence[WrittenPolicy]) -> tuple[Policy, ...]:
    return tuple(_policy(each.namespace, each.name) for each in found if each.name)


@lru_cache(maxsize=8_192)
def _policy(namespace: str, name: str) -> Policy:
    return Policy(namespace=namespace, name=name)


def _lacks(flow: WrittenFlow) -> tuple[str, ...]:
    """Fields without which a flow to the world cannot be given to a rule; a mask may leave out."""
    whole = flow.time and flow.traffic_direction and flow.event_type and flow.IP and flow.l4
    there = bytes(flow.destination) not in _EMPTY
    if whole and there:
        return ()
    needed = {
        "time": flow.time,
        "traffic_direction": flow.traffic_direction,
        "event_type": flow.event_type,
        "IP": flow.IP,
        "l4": flow.l4,
        "destination": there,
    }
    return tuple(name for name, value in needed.items() if not value)


def _lookup(flow: WrittenFlow, kind: str, dns: Dns, at: float | None, node: str) -> Lookup | None:
    """An answer, or a query that a policy denied; other queries come again as their answers."""
    answered = kind == "RESPONSE"
    denied = _outcome(flow.verdict, flow.drop_reason_desc) is Outcome.DENIED
    if not answered and not denied:
        return None
    addresses = flow.IP or _NOWHERE
    end, address = flow.source, addresses.source
    if answered:
        end, address = flow.destination, addresses.destination
    return Lookup(
        first=at,
        last=at,
        outcome=Outcome.DENIED if denied else Outcome.PASSED,
        client=_end(bytes(end), address)[0],
        name=name_of(dns.query),
        type=dns.qtypes[0] if dns.qtypes else "",
        code=_CODES.get(dns.rcode, str(dns.rcode)) if answered else "",
        addresses=tuple(map(address_of, dns.ips or ())) if answered else (),
        ttl=dns.ttl if answered and dns.ips else None,
        node=node,
    )


_OF_NODES = ((b'"uuid":"', b'"node_name":"'), (b'"uuid": "', b'"node_name": "'))


def _same(line: bytes) -> Hashable:
    """A line without its unique number and the names of its node, of which each node has its own.

    In lines in another order than the exporter's it is all of it.
    """
    unique, node = _OF_NODES[0] if _OF_NODES[0][1] in line else _OF_NODES[1]
    first, second, third = line.find(unique), line.find(node), line.rfind(node)
    if not 0 <= first < second <= third:
        return line
    return (
        line[:first],
        line[line.find(b'"', first + len(unique)) : second],
        line[line.find(b'"', second + len(node)) : third],
        line[line.find(b'"', third + len(node)) :],
    )


HUBBLE = Format(
    name="hubble",
    title="Hubble, JSON",
    recognises=_recognises,
    read=_read,
    same=_same,
    fields=fields(),
)
