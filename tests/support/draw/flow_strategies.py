"""Draw rules, the sets of flows that they mean, and flows to try, with a plain oracle.

A drawn rule says twice what it allows: as a set of the model, and as a predicate over one flow in
ordinary Python (regular expressions, comparisons, the standard library's networks). The pools are
small and hostile, so that rules overlap, nest and contradict each other all the time.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from ipaddress import ip_address, ip_network

from hypothesis import strategies as st

from support.draw.flow_parts import (
    HOSTS,
    NAMES,
    PODS,
    TEXTS,
    VALUES,
    WORKLOADS,
    SetT,
    ThingT,
    Told,
    told,
)
from transire.flows.address_set import AddressSet
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer, PeerKind
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet
from transire.flows.text_set import TextSet

FLAGS = ("host", "remote-node", "kube-apiserver")
ADDRESSES = tuple(
    ip_address(each)
    for each in (
        *("0.0.0.0", "10.0.0.1", "10.0.0.255", "10.0.1.0", "198.51.100.17", "255.255.255.255"),  # noqa: S104 - an address to compare, not to listen on
        *("::", "::1", "::ffff:10.0.0.1", "2001:db8::1", "fd00::1"),
    )
)
NETS = (
    *("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/32", "10.0.0.0/31", "198.51.100.16/28"),
    *("255.255.255.255/32", "::/0", "::/128", "2001:db8::/32", "fd00::/8", "::ffff:0:0/96"),
)
PORTS = (0, 1, 22, 53, 442, 443, 444, 2048, 8080, 65535)
RANGES = ((443, 443), (0, 65535), (1, 443), (443, 8080), (22, 22), (53, 53), (0, 0), (444, 65535))
PROTOCOLS = (1, 6, 17, 58, 132, 0, 255)
PATHS = ("/", "/v1/", "/v1/x", "/v2", "")
METHODS = ("GET", "POST", "get")


def _peer_pods(pods: Told[PodSet, Workload]) -> Told[Peer, Flow]:
    return Told(
        set=Peer.pods(pods.set),
        holds=lambda flow: (
            flow.peer == PeerKind.POD and flow.pod is not None and pods.holds(flow.pod)
        ),
    )


def _peer_node(flags: frozenset[str]) -> Told[Peer, Flow]:
    return Told(
        set=Peer.node(*flags),
        holds=lambda flow: flow.peer == PeerKind.NODE and flags <= flow.reserved,
    )


def _peer_reserved(flags: frozenset[str]) -> Told[Peer, Flow]:
    return Told(set=Peer.reserved(*flags), holds=lambda flow: flags <= flow.reserved)


_FLAG_SETS = [frozenset[str](), *map(frozenset, ([FLAGS[0]], [FLAGS[1]], FLAGS[1:]))]
PEERS: st.SearchStrategy[Told[Peer, Flow]] = told(
    st.one_of(
        st.sampled_from(
            [
                Told(set=Peer.outside(), holds=lambda flow: flow.peer == PeerKind.OUTSIDE),
                *map(_peer_node, _FLAG_SETS),
                *map(_peer_reserved, _FLAG_SETS),
            ]
        ),
        PODS.map(_peer_pods),
    ),
    most=2,
)


def _port(protocol: int, ends: tuple[int, int]) -> Told[PortSet, Flow]:
    first, last = ends
    return Told(
        set=PortSet.of_port(protocol, first, last),
        holds=lambda flow: flow.protocol == protocol and first <= flow.port <= last,
    )


def _protocol(protocol: int) -> Told[PortSet, Flow]:
    return Told(set=PortSet.of_protocol(protocol), holds=lambda flow: flow.protocol == protocol)


PORT_SETS: st.SearchStrategy[Told[PortSet, Flow]] = told(
    st.sampled_from(
        [
            Told(set=PortSet.everything(), holds=lambda _: True),
            *map(_protocol, PROTOCOLS),
            *(_port(protocol, ends) for protocol in (6, 17) for ends in RANGES),
            _port(1, (8 * 256, 8 * 256 + 255)),
        ]
    ),
    most=3,
)


def _nets(nets: frozenset[str]) -> Told[AddressSet, Flow]:
    networks = [ip_network(net) for net in nets]
    return Told(
        set=AddressSet.nets(nets),
        holds=lambda flow: any(flow.address in network for network in networks),
    )


ADDRESS_SETS: st.SearchStrategy[Told[AddressSet, Flow]] = told(
    st.sampled_from([_nets(frozenset([net])) for net in NETS]), most=3
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What one rule says; None leaves a part open."""

    kind: str
    source: Told[PodSet, Workload]
    peer: Told[Peer, Flow]
    ports: Told[PortSet, Flow]
    hosts: Told[HostSet, str] | None
    addresses: Told[AddressSet, Flow] | None
    names: Told[HostSet, str] | None
    method: Told[TextSet, str | None] | None
    path: Told[TextSet, str | None] | None
    header: Told[TextSet, str | None] | None

    def common(self, flow: Flow) -> bool:
        """Whether what every kind of rule says holds."""
        return (
            self.source.holds(flow.source)
            and self.peer.holds(flow)
            and self.ports.holds(flow)
            and (self.addresses is None or self.addresses.holds(flow))
            and (self.hosts is None or (flow.host is not None and self.hosts.holds(flow.host)))
        )

    def http(self) -> Http | None:
        """The HTTP part as the model takes it."""
        parts = (self.method, self.path, self.header)
        if all(part is None for part in parts):
            return None
        method, path, header = (None if part is None else part.set for part in parts)
        headers = {} if header is None else {"x-team": header}
        return Http(method=method, path=path, headers=headers)

    def spoken(self, flow: Flow) -> bool:
        """Whether the HTTP part holds."""
        if self.http() is None:
            return True
        if flow.method is None or flow.path is None:
            return False
        return (
            (self.method is None or self.method.holds(flow.method))
            and (self.path is None or self.path.holds(flow.path))
            and (self.header is None or self.header.holds(flow.headers.get("x-team")))
        )


def _rule(parts: _Parts) -> Told[FlowSet, Flow]:
    hosts = None if parts.hosts is None else parts.hosts.set
    addresses = None if parts.addresses is None else parts.addresses.set
    names = None if parts.names is None else parts.names.set
    source, peer, ports = parts.source.set, parts.peer.set, parts.ports.set
    if parts.kind == "connect":
        made = FlowSet.connect(
            source=source,
            peer=peer,
            ports=ports,
            hosts=hosts,
            addresses=addresses,
            server_names=names,
            http=parts.http(),
        )
        return Told(set=made, holds=lambda flow: _connects(parts, flow))
    if parts.kind == "ask":
        made = FlowSet.query(
            source=source,
            resolver=peer,
            ports=ports,
            names=HostSet.everything() if names is None else names,
            hosts=hosts,
            addresses=addresses,
        )
        return Told(set=made, holds=lambda flow: _asks(parts, flow))
    made = FlowSet.reach(source=source, peer=peer, ports=ports, hosts=hosts, addresses=addresses)
    return Told(set=made, holds=parts.common)


def _connects(parts: _Parts, flow: Flow) -> bool:
    if flow.queried is not None or not parts.common(flow) or not parts.spoken(flow):
        return False
    if parts.names is None:
        return True
    return flow.server_name is not None and parts.names.holds(flow.server_name)


def _asks(parts: _Parts, flow: Flow) -> bool:
    if flow.queried is None or not parts.common(flow):
        return False
    return flow.queried != "." if parts.names is None else parts.names.holds(flow.queried)


def _some(
    strategy: st.SearchStrategy[Told[SetT, ThingT]],
) -> st.SearchStrategy[Told[SetT, ThingT]]:
    """Without empty sets, which would make most rules empty."""
    return strategy.filter(lambda told: bool(told.set))


RULES: st.SearchStrategy[Told[FlowSet, Flow]] = st.builds(
    _Parts,
    kind=st.sampled_from(("connect", "ask", "reach")),
    source=_some(PODS),
    peer=_some(PEERS),
    ports=_some(PORT_SETS),
    hosts=st.none() | _some(HOSTS),
    addresses=st.none() | _some(ADDRESS_SETS),
    names=st.none() | _some(HOSTS),
    method=st.none() | _some(TEXTS),
    path=st.none() | _some(TEXTS),
    header=st.none() | _some(TEXTS),
).map(_rule)

_BOUNDS: tuple[Told[FlowSet, Flow], ...] = (
    Told(set=FlowSet.nothing(), holds=lambda _: False),
    Told(set=FlowSet.everything(), holds=lambda _: True),
)

_JOINED = told(RULES)
FLOW_SETS: st.SearchStrategy[Told[FlowSet, Flow]] = st.integers(0, 19).flatmap(
    lambda chance: st.just(_BOUNDS[chance]) if chance < len(_BOUNDS) else _JOINED
)
"""Sets of up to four rules, now and then nothing or everything."""

_MAYBE_NAMES = st.none() | NAMES
FLOWS = st.builds(
    Flow,
    source=WORKLOADS,
    peer=st.sampled_from(PeerKind),
    pod=st.none() | WORKLOADS,
    reserved=st.frozensets(st.sampled_from(FLAGS), max_size=3),
    host=_MAYBE_NAMES,
    address=st.sampled_from(ADDRESSES),
    protocol=st.sampled_from(PROTOCOLS),
    port=st.sampled_from(PORTS),
    queried=st.none() | NAMES | st.just("."),
    server_name=_MAYBE_NAMES,
    method=st.none() | st.sampled_from((*METHODS, *VALUES)),
    path=st.none() | st.sampled_from((*PATHS, *VALUES)),
    headers=st.dictionaries(st.just("x-team"), st.sampled_from(VALUES), max_size=1),
)


@st.composite
def told_flows(draw: st.DrawFn) -> tuple[Told[FlowSet, Flow], Flow]:
    """A set, and a flow that is like its witness but for a few parts, so often a member."""
    told_set = draw(FLOW_SETS)
    witness = told_set.set.witness()
    other = draw(FLOWS)
    if witness is None:
        return told_set, _possible(other)
    parts = draw(_SOME_FIELDS)
    return told_set, _possible(replace(witness, **{part: getattr(other, part) for part in parts}))


def _possible(flow: Flow) -> Flow:
    """The flow, to its own kind of pod where it is to a pod and to none."""
    if flow.peer is PeerKind.POD and flow.pod is None:
        return replace(flow, pod=flow.source)
    return flow


_FIELDS = [each.name for each in fields(Flow) if each.init]
_SOME_FIELDS = st.frozensets(st.sampled_from(_FIELDS), max_size=3)
