"""What a line of Hubble holds of what is looked at; everything else in it is passed over.

Names are those of `api/v1/flow/flow.proto`; zero values are left out there.
"""

from __future__ import annotations

import msgspec


class Workload(msgspec.Struct, gc=False):
    """What made a pod."""

    name: str = ""
    kind: str = ""


class Endpoint(msgspec.Struct, gc=False):
    """One end of a flow."""

    namespace: str = ""
    cluster_name: str = ""
    labels: list[str] | None = None
    pod_name: str = ""
    workloads: list[Workload] | None = None


class Addresses(msgspec.Struct, gc=False):
    """`IP`: the addresses of both ends."""

    source: str = ""
    destination: str = ""


class Transport(msgspec.Struct, gc=False):
    """A port that a connection is to."""

    destination_port: int = 0


class Icmp(msgspec.Struct, gc=False):
    """What ICMP has in place of ports."""

    type: int = 0
    code: int = 0


class Layer4(msgspec.Struct, gc=False):
    """The protocol that there is, each under its name."""

    TCP: Transport | None = None
    UDP: Transport | None = None
    SCTP: Transport | None = None
    ICMPv4: Icmp | None = None
    ICMPv6: Icmp | None = None


class Dns(msgspec.Struct, gc=False):
    """A query, or its answer."""

    query: str = ""
    ips: list[str] | None = None
    ttl: int = 0
    rcode: int = 0
    qtypes: list[str] | None = None


class Layer7(msgspec.Struct, gc=False):
    """What a proxy has read."""

    type: str = ""
    dns: Dns | None = None


class Event(msgspec.Struct, gc=False):
    """What a flow was seen by, as a number."""

    type: int = 0


class WrittenPolicy(msgspec.Struct, gc=False):
    """A policy that decided."""

    name: str = ""
    namespace: str = ""


class WrittenFlow(msgspec.Struct, gc=False):
    """A flow; both ends are kept as they are written, which is the same for all flows of a pod."""

    time: str = ""
    verdict: str = ""
    drop_reason_desc: str = ""
    IP: Addresses | None = None
    l4: Layer4 | None = None
    l7: Layer7 | None = None
    source: msgspec.Raw = msgspec.Raw()
    destination: msgspec.Raw = msgspec.Raw()
    destination_names: tuple[str, ...] | None = None
    event_type: Event | None = None
    traffic_direction: str = ""
    is_reply: bool | None = None
    node_name: str = ""
    egress_allowed_by: list[WrittenPolicy] | None = None
    egress_denied_by: list[WrittenPolicy] | None = None


class LostEvents(msgspec.Struct, gc=False):
    """How many events were lost, and where."""

    num_events_lost: int | str = 0
    source: str = ""


class Line(msgspec.Struct, gc=False):
    """A line: one of these, or an event of the agent."""

    flow: WrittenFlow | None = None
    lost_events: LostEvents | None = None
    node_status: msgspec.Raw = msgspec.Raw()
    agent_event: msgspec.Raw = msgspec.Raw()
    debug_event: msgspec.Raw = msgspec.Raw()
    time: str = ""
    node_name: str = ""


def fields() -> tuple[str, ...]:
    """Paths from a flow, by which the exporter's mask goes: peers and proxies by their parts.

    A mask can go no deeper than what may stand there several times, such as workloads.
    """
    parts = {"source": Endpoint, "destination": Endpoint, "l7": Layer7}
    found: list[str] = []
    for name in WrittenFlow.__struct_fields__:
        inner = parts[name].__struct_fields__ if name in parts else ()
        found += [f"{name}.{each}" for each in inner] or [name]
    return tuple(found)
