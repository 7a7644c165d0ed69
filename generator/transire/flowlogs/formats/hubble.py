"""Flows of Hubble: `hubble observe -o json`, its exporter, and the older form without a wrapper.

Shape and enums are those of `api/v1/flow/flow.proto` (protojson with the names of the proto, zero
values left out, so that an absent text or number is empty). `is_reply` may be absent, which stands
for unknown, and is absent on drops (`pkg/hubble/parser/threefour/parser.go`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from transire.flowlogs.format import Format
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


class _Workload(msgspec.Struct):
    name: str = ""
    kind: str = ""


class _Endpoint(msgspec.Struct):
    namespace: str = ""
    cluster_name: str = ""
    labels: list[str] | None = None
    pod_name: str = ""
    workloads: list[_Workload] | None = None


class _Addresses(msgspec.Struct):
    source: str = ""
    destination: str = ""


class _Transport(msgspec.Struct):
    destination_port: int = 0


class _Icmp(msgspec.Struct):
    type: int = 0
    code: int = 0


class _Layer4(msgspec.Struct):
    TCP: _Transport | None = None
    UDP: _Transport | None = None
    SCTP: _Transport | None = None
    ICMPv4: _Icmp | None = None
    ICMPv6: _Icmp | None = None


class _Dns(msgspec.Struct):
    query: str = ""
    ips: list[str] | None = None
    ttl: int = 0
    rcode: int = 0
    qtypes: list[str] | None = None


class _Layer7(msgspec.Struct):
    type: str = ""
    dns: _Dns | None = None


class _Event(msgspec.Struct):
    type: int = 0


class _Policy(msgspec.Struct):
    name: str = ""
    namespace: str = ""


class _Flow(msgspec.Struct):
    time: str = ""
    verdict: str = ""
    drop_reason_desc: str = ""
    IP: _Addresses | None = None
    l4: _Layer4 | None = None
    l7: _Layer7 | None = None
    source: msgspec.Raw = msgspec.Raw()
    destination: msgspec.Raw = msgspec.Raw()
    destination_names: list[str] | None = None
    event_type: _Event | None = None
    traffic_direction: str = ""
    is_reply: bool | None = None
    node_name: str = ""
    egress_allowed_by: list[_Policy] | None = None
    egress_denied_by: list[_Policy] | None = None


class _LostEvents(msgspec.Struct):
    num_events_lost: int | str = 0
    source: str = ""


class _Line(msgspec.Struct):
    flow: _Flow | None = None
    lost_events: _LostEvents | None = None
    node_status: msgspec.Raw = msgspec.Raw()
    agent_event: msgspec.Raw = msgspec.Raw()
    debug_event: msgspec.Raw = msgspec.Raw()
    time: str = ""
    node_name: str = ""


_NO_ENDPOINT = (b"", b"null")
_wrapped = msgspec.json.Decoder(_Line)
_endpoint = msgspec.json.Decoder(_Endpoint)
_plain = msgspec.json.Decoder(_Flow)


def _recognises(line: bytes) -> bool:
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


def _without_wrapper(line: bytes) -> _Flow | None:
    found = _plain.decode(line) if _is_plain(line) else None
    return found if found and found.verdict else None


def _why(error: msgspec.MsgspecError) -> str:
    """In few words, without the place in the line, so that equal mistakes count as one."""
    if isinstance(error, msgspec.ValidationError):
        return f"a value of another type{str(error).rpartition(' - at')[2].join((' at', ''))}"
    return "no JSON"


def _lost(line: _Line) -> Lost:
    at = time_of(line.time) if line.time else None
    source = line.lost_events.source if line.lost_events else ""
    number = line.lost_events.num_events_lost if line.lost_events else 0
    try:
        count = int(number)
    except ValueError:
        raise Unreadable("a count that is none") from None
    return Lost(first=at, last=at, count=max(count, 0), what=f"events lost in {source or 'Hubble'}")


def _record(flow: _Flow, line: _Line) -> Record | None:
    written = flow.time or line.time
    at = time_of(written) if written else None
    node = flow.node_name or line.node_name
    if flow.l7 is not None and flow.l7.dns is not None:
        return _lookup(flow, flow.l7.type, flow.l7.dns, at, node)
    protocol, port = _target(flow.l4)
    names, odd = names_of(flow.destination_names or ())
    addresses = flow.IP or _Addresses()
    event = flow.event_type.type if flow.event_type else 0
    return Flow(
        first=at,
        last=at,
        seen=_seen(event, flow),
        outcome=_outcome(flow),
        source=_peer(bytes(flow.source), addresses.source),
        destination=_peer(bytes(flow.destination), addresses.destination),
        names=names,
        protocol=protocol,
        port=port,
        egress=_direction(flow.traffic_direction),
        reply=flow.is_reply,
        policies=_policies(flow.egress_allowed_by or flow.egress_denied_by or ()),
        node=node,
        lacks=(*_lacks(flow), *odd),
    )


def _seen(event: int, flow: _Flow) -> Seen:
    if event == _DROP:
        return Seen.DROP
    if event == _L7:
        return Seen.REQUEST
    if event == _DECISION or (not event and (flow.egress_allowed_by or flow.egress_denied_by)):
        return Seen.DECISION
    if not event and flow.verdict == "DROPPED":
        return Seen.DROP
    return Seen.PACKET


def _outcome(flow: _Flow) -> Outcome:
    outcome = _OUTCOMES.get(flow.verdict, Outcome.UNKNOWN)
    if outcome is Outcome.DENIED and flow.drop_reason_desc not in _DENIED:
        return Outcome.FAILED
    return outcome


def _direction(text: str) -> bool | None:
    return {"EGRESS": True, "INGRESS": False}.get(text)


def _target(layer: _Layer4 | None) -> tuple[str, int | None]:
    """Protocol and port; for ICMP the type."""
    if layer is None:
        return "", None
    for name in ("TCP", "UDP", "SCTP"):
        transport: _Transport | None = getattr(layer, name)
        if transport is not None:
            return name, port_of(transport.destination_port) or None
    for name in ("ICMPv4", "ICMPv6"):
        icmp: _Icmp | None = getattr(layer, name)
        if icmp is not None:
            return name, icmp.type
    return "", None


@lru_cache(maxsize=8_192)
def _peer(written: bytes, address: str) -> Peer:
    """One end by its JSON, which is the same for every flow of a pod."""
    found = address_of(address) if address else ""
    if written in _NO_ENDPOINT:
        return Peer(address=found) if found else NOBODY
    try:
        endpoint = _endpoint.decode(written)
    except msgspec.MsgspecError as error:
        raise Unreadable(_why(error)) from None
    labels, entity, account = _labels(endpoint.labels)
    workload = endpoint.workloads[0] if endpoint.workloads else None
    kind = f"{workload.kind}/" if workload and workload.kind else ""
    return Peer(
        address=found,
        namespace=endpoint.namespace,
        pod=endpoint.pod_name,
        workload=f"{kind}{workload.name}" if workload else "",
        service_account=account,
        labels=labels,
        entity=entity,
        cluster=endpoint.cluster_name,
    )


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


def _policies(found: Sequence[_Policy]) -> tuple[Policy, ...]:
    return tuple(Policy(namespace=each.namespace, name=each.name) for each in found if each.name)


def _lacks(flow: _Flow) -> tuple[str, ...]:
    """Fields without which a flow to the world cannot be given to a rule; a mask may leave out."""
    source = _peer(bytes(flow.source), "")
    whole = flow.time and flow.traffic_direction and flow.event_type and flow.IP and flow.l4
    if whole and bytes(flow.destination) not in {*_NO_ENDPOINT, b"{}"}:
        return () if source.labels and source.namespace else _lacks_of(source)
    needed = {
        "time": flow.time,
        "traffic_direction": flow.traffic_direction,
        "event_type": flow.event_type,
        "IP": flow.IP,
        "l4": flow.l4,
        "destination": bytes(flow.destination) not in {*_NO_ENDPOINT, b"{}"},
    }
    return (*(name for name, value in needed.items() if not value), *_lacks_of(source))


def _lacks_of(source: Peer) -> tuple[str, ...]:
    if source.entity:
        return ()
    parts = {"source.namespace": source.namespace, "source.labels": source.labels is not None}
    return tuple(name for name, there in parts.items() if not there)


def _lookup(flow: _Flow, kind: str, dns: _Dns, at: float | None, node: str) -> Lookup | None:
    """An answer, or a query that a policy denied; other queries come again as their answers."""
    answered = kind == "RESPONSE"
    denied = _outcome(flow) is Outcome.DENIED
    if not answered and not denied:
        return None
    addresses = flow.IP or _Addresses()
    end, address = flow.source, addresses.source
    if answered:
        end, address = flow.destination, addresses.destination
    return Lookup(
        first=at,
        last=at,
        outcome=Outcome.DENIED if denied else Outcome.PASSED,
        client=_peer(bytes(end), address),
        name=name_of(dns.query),
        type=dns.qtypes[0] if dns.qtypes else "",
        code=_CODES.get(dns.rcode, str(dns.rcode)) if answered else "",
        addresses=tuple(map(address_of, dns.ips or ())) if answered else (),
        ttl=dns.ttl if answered and dns.ips else None,
        node=node,
    )


def _fields() -> tuple[str, ...]:
    """Paths from a flow, by which the exporter's mask goes: peers and proxies by their parts.

    A mask can go no deeper than what may stand there several times, such as workloads.
    """
    parts = {"source": _Endpoint, "destination": _Endpoint, "l7": _Layer7}
    found: list[str] = []
    for name in _Flow.__struct_fields__:
        inner = parts[name].__struct_fields__ if name in parts else ()
        found += [f"{name}.{each}" for each in inner] or [name]
    return tuple(found)


_OF_NODES = (b'"uuid":"', b'"uuid": "', b'"node_name":"', b'"node_name": "')


def _without_node(line: bytes) -> bytes:
    """A line without what each node that reports a flow has of its own."""
    for key in _OF_NODES:
        if key in line:
            begin, *rest = line.split(key)
            line = begin + b"".join(each.partition(b'"')[2] for each in rest)
    return line


HUBBLE = Format(
    name="hubble",
    title="Hubble, JSON",
    recognises=_recognises,
    read=_read,
    same=_without_node,
    fields=_fields(),
)
