"""A sighting as flows that sets can be asked about, and the axes on which it holds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from transire.flows.diagrams.axes import Axis
from transire.flows.flow import Flow
from transire.flows.peer_set import PeerKind, ReservedIdentity
from transire.flows.pod_set import Workload
from transire.flows.port_set import Protocol
from transire.review.usage.sightings import Sighting

_SOME_ADDRESS = ip_address("203.0.113.10")
_HTTPS = 443
_PORTS = (Axis.PROTOCOL, Axis.PORT)
_NODES = frozenset(each.value for each in ReservedIdentity)
_KNOWN = {"world", *(_NODES - {"host"})}
"""What says whether a destination is outside; an agent's `host` may be any machine."""
_PEERS = (
    Axis.PEER, Axis.RESERVED, Axis.PEER_NAMESPACE, Axis.PEER_LABEL, Axis.PEER_ACCOUNT,
)  # fmt: skip
_PROTOCOLS = {
    "TCP": Protocol.TCP,
    "UDP": Protocol.UDP,
    "SCTP": Protocol.SCTP,
    "ICMP": Protocol.ICMP,
    "ICMPV4": Protocol.ICMP,
    "ICMPV6": Protocol.ICMPv6,
}
_ICMP = (Protocol.ICMP, Protocol.ICMPv6)


def flows_of(sighting: Sighting, names: Iterable[str | None]) -> Iterator[Flow]:
    """The flow of each of these names, with plain values where the sighting holds none."""
    protocol = _PROTOCOLS.get(sighting.protocol.upper(), Protocol.TCP)
    port = _HTTPS if sighting.port is None else sighting.port
    origin = sighting.origin
    kind, pod = PeerKind.OUTSIDE, None
    if sighting.namespace:
        kind = PeerKind.POD
        pod = Workload(namespace=sighting.namespace, labels=dict(sighting.labels or ()))
    elif sighting.entity in _NODES:
        kind = PeerKind.NODE
    for name in names:
        yield Flow(
            source=Workload(
                namespace=origin.namespace,
                labels=dict(origin.labels or ()),
                account=origin.account or "default",
            ),
            peer=kind,
            pod=pod,
            reserved=frozenset({sighting.entity}) if kind is PeerKind.NODE else frozenset(),
            host=name,
            server_name=name,
            address=ip_address(sighting.address) if sighting.address else _SOME_ADDRESS,
            protocol=protocol,
            port=port << 8 if protocol in _ICMP else port,
        )


def open_axes(sighting: Sighting) -> Iterator[Axis]:
    """The axes of which the sighting holds nothing, but for names."""
    if sighting.port is None or sighting.protocol.upper() not in _PROTOCOLS:
        yield from _PORTS
    if sighting.origin.labels is None:
        yield Axis.LABEL
    if not sighting.origin.account:
        yield Axis.ACCOUNT
    if not sighting.address:
        yield Axis.ADDRESS
    if sighting.namespace and sighting.labels is None:
        yield Axis.PEER_LABEL
    if not (sighting.namespace or sighting.names or sighting.entity in _KNOWN):
        yield from _PEERS
