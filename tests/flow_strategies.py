"""Draw rules, the sets of flows that they mean, and flows to try, with a plain oracle.

A drawn rule says twice what it allows: as a set of the model, and as a predicate over one flow in
ordinary Python (regular expressions, comparisons, the standard library's networks). The pools are
small and hostile, so that rules overlap, nest and contradict each other all the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Generic, TypeVar

from hypothesis import strategies as st

from transire.model.addresses import AddressSet
from transire.model.exact import ExactSet
from transire.model.flow import Flow
from transire.model.flows import FlowSet, Http
from transire.model.hosts import HostSet, Wild
from transire.model.peers import Peer, PeerKind
from transire.model.ports import PortSet
from transire.model.selectors import PodSet, Workload
from transire.model.texts import TextSet

SetT = TypeVar("SetT", bound=ExactSet)
ThingT = TypeVar("ThingT")

LABELS = ("com", "com", "a", "a", "b", "b", "s3-x", "x-s3", "aab", "-_9", "xn--bcher-kva")
NAMES = st.lists(st.sampled_from(LABELS), min_size=1, max_size=4).map(".".join)
VALUES = ("", "a", "b", "web", "web-1", "a-web", "A", "y", "0755", "1e3", "ümlaut", "a.b_c")
KEYS = ("app", "tier", "k8s.io/app", "y", "App")
NAMESPACES = ("team-a", "team-b", "kube-system", "web")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[SetT, ThingT]):
    """A set, and whether something is in it, found without the model."""

    set: SetT
    holds: Callable[[ThingT], bool]


@st.composite
def told(
    draw: st.DrawFn, leaves: st.SearchStrategy[Told[SetT, ThingT]], most: int = 4
) -> Told[SetT, ThingT]:
    """Leaves joined by union, difference and intersection, most often by union."""
    found = draw(leaves)
    for _ in range(draw(st.integers(0, most - 1))):
        found = _joined(draw(st.sampled_from("|||--&")), found, draw(leaves))
    return found


def _joined(sign: str, one: Told[SetT, ThingT], other: Told[SetT, ThingT]) -> Told[SetT, ThingT]:
    match sign:
        case "|":
            return Told(set=one.set | other.set, holds=lambda x: one.holds(x) or other.holds(x))
        case "&":
            return Told(set=one.set & other.set, holds=lambda x: one.holds(x) and other.holds(x))
        case _:
            return Told(
                set=one.set - other.set, holds=lambda x: one.holds(x) and not other.holds(x)
            )


PATTERN_LABELS = st.one_of(
    st.sampled_from((*LABELS, "*", "*", "**")),
    st.text("ab-*", min_size=1, max_size=5).map(lambda text: re.sub(r"\*+", "*", text)),
)
PATTERNS = st.lists(PATTERN_LABELS, min_size=1, max_size=4).map(".".join)
"""Patterns of every engine and some of none: `**` may stand anywhere."""


def parts_of(pattern: str) -> list[str | Wild]:
    """A pattern's text, where `*` and `**` have our meaning, as the model takes it."""
    parts: list[str | Wild] = []
    for label in pattern.split("."):
        tokens = ["**"] if label == "**" else re.split(r"(\*)", label)
        parts.append(".")
        parts.extend(_WILD.get(token, token) for token in tokens if token)
    return parts[1:]


_WILD = {"*": Wild.CHARS, "**": Wild.LABELS}
_CHAR = "[-a-z0-9_]"


def _host_regex(pattern: str) -> re.Pattern[str]:
    many = rf"{_CHAR}+(?:\.{_CHAR}+)*"
    labels = [
        many if label == "**" else re.escape(label).replace(r"\*", f"{_CHAR}*")
        for label in pattern.split(".")
    ]
    return re.compile(r"\.".join(labels))


def hosts_like(pattern: str) -> Told[HostSet, str]:
    """The names of one pattern."""
    compiled = _host_regex(pattern)
    return Told(
        set=HostSet.pattern(parts_of(pattern)),
        holds=lambda name: compiled.fullmatch(name) is not None and name != ".",
    )


def _exactly(names: frozenset[str]) -> Told[HostSet, str]:
    return Told(set=HostSet.exact(names), holds=lambda name: name in names)


_ALL_NAMES: Told[HostSet, str] = Told(set=HostSet.everything(), holds=lambda name: name != ".")
_ROOT: Told[HostSet, str] = Told(set=HostSet.root(), holds=lambda name: name == ".")

ANY_HOSTS: st.SearchStrategy[Told[HostSet, str]] = told(
    st.one_of(
        PATTERNS.map(hosts_like),
        st.frozensets(NAMES, min_size=1, max_size=4).map(_exactly),
        st.sampled_from([_ALL_NAMES, _ROOT]),
    )
)
"""Sets of hosts from any pattern; slower to draw than those of few, which rules use."""

HOSTS: st.SearchStrategy[Told[HostSet, str]] = told(
    st.sampled_from(
        [
            _ALL_NAMES,
            _ROOT,
            *(
                _exactly(frozenset(names.split()))
                for names in ("a.com b.com", "a.b.com com", "s3-")
            ),
            *map(
                hosts_like,
                (
                    *("*", "*.com", "**.com", "*.*.com", "*.a.com", "**.b.com", "a.*.com"),
                    *("s3-*.com", "*s3.com", "*-*.com", "*a*b*.com", "*.*a*.com", "b.**.com"),
                ),
            ),
        ]
    ),
    most=3,
)


def _text(
    made: TextSet, holds: Callable[[str], bool], *, absent: bool = False
) -> Told[TextSet, str | None]:
    return Told(set=made, holds=lambda text: absent if text is None else holds(text))


def _among(*values: str) -> tuple[Told[TextSet, str | None], ...]:
    made = TextSet.of(values)
    return (
        _text(made, lambda text: text in values),
        _text(~made, lambda text: text not in values, absent=True),
    )


def _parts_of_text(part: str) -> tuple[Told[TextSet, str | None], ...]:
    return (
        _text(TextSet.starting(part), lambda text: text.startswith(part)),
        _text(TextSet.ending(part), lambda text: text.endswith(part)),
        _text(TextSet.containing(part), lambda text: part in text),
    )


TEXTS: st.SearchStrategy[Told[TextSet, str | None]] = told(
    st.sampled_from(
        [
            _text(TextSet.present(), lambda _: True),
            _text(TextSet.absent(), lambda _: False, absent=True),
            *(each for value in VALUES for each in _among(value)),
            *_among("a", "web"),
            *_among("", "b", "web-1"),
            *(each for part in ("a", "web", "-", "b") for each in _parts_of_text(part)),
        ]
    ),
    most=3,
)


def _pods_by(key: str, values: Told[TextSet, str | None], where: int) -> Told[PodSet, Workload]:
    holds = values.holds
    return (
        Told(set=PodSet.label(key, values.set), holds=lambda pod: holds(pod.labels.get(key))),
        Told(
            set=PodSet.namespace_label(key, values.set),
            holds=lambda pod: holds(pod.namespace_labels.get(key)),
        ),
        Told(
            set=PodSet.account_label(key, values.set),
            holds=lambda pod: holds(pod.account_labels.get(key)),
        ),
        Told(set=PodSet.namespace(values.set), holds=lambda pod: holds(pod.namespace)),
        Told(set=PodSet.account(values.set), holds=lambda pod: holds(pod.account)),
    )[where]


def _in(name: str) -> Told[PodSet, Workload]:
    return Told(set=PodSet.in_namespace(name), holds=lambda pod: pod.namespace == name)


def _labelled(**labels: str) -> Told[PodSet, Workload]:
    return Told(set=PodSet.labels(labels), holds=lambda pod: labels.items() <= pod.labels.items())


PODS: st.SearchStrategy[Told[PodSet, Workload]] = told(
    st.one_of(
        st.builds(_pods_by, st.sampled_from(KEYS), TEXTS, st.integers(0, 4)),
        st.sampled_from(
            [
                *map(_in, NAMESPACES),
                *(_labelled(), _labelled(app="a"), _labelled(app="web", tier="b")),
            ]
        ),
    ),
    most=3,
)

_LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
WORKLOADS = st.builds(
    Workload,
    namespace=st.sampled_from(NAMESPACES),
    labels=_LABELS,
    namespace_labels=_LABELS,
    account=st.sampled_from(("default", "builder", "web")),
    account_labels=_LABELS,
)


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
        made = FlowSet.ask(
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
    if flow.asks is not None or not parts.common(flow) or not parts.spoken(flow):
        return False
    if parts.names is None:
        return True
    return flow.server_name is not None and parts.names.holds(flow.server_name)


def _asks(parts: _Parts, flow: Flow) -> bool:
    if flow.asks is None or not parts.common(flow):
        return False
    return flow.asks != "." if parts.names is None else parts.names.holds(flow.asks)


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

FLOW_SETS: st.SearchStrategy[Told[FlowSet, Flow]] = st.one_of(
    *[told(RULES)] * 6,
    st.sampled_from(
        [
            Told(set=FlowSet.nothing(), holds=lambda _: False),
            Told(set=FlowSet.everything(), holds=lambda _: True),
        ]
    ),
)

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
    asks=st.none() | NAMES | st.just("."),
    server_name=_MAYBE_NAMES,
    method=st.none() | st.sampled_from((*METHODS, *VALUES)),
    path=st.none() | st.sampled_from((*PATHS, *VALUES)),
    headers=st.dictionaries(st.just("x-team"), st.sampled_from(VALUES), max_size=1),
)
