"""What one set of flows allows beyond another, in the lines that a reviewer reads.

A difference of sets is exact but lists everything at once: one more host with checked server names
also lets its name pass to the addresses of the old hosts. So it is read from coarse to fine. First
come destinations that were out of reach: hosts, addresses that need no name, pods and nodes, and
names that may be queried. What is left differs only in details, such as server names, and is listed
last and in full. Every flow of the difference is in exactly one of these parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from transire.flows.address_set import AddressSet
from transire.flows.boxes import Box
from transire.flows.diagrams.axes import Axis
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer, ReservedIdentity
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.review.diff import destinations as texts
from transire.review.diff.bases import Basis
from transire.review.diff.conditions import detail, only, resolvers_text
from transire.review.diff.destinations import ALL_NAMES, Destination
from transire.review.diff.risk_level import RiskLevel

_CONTENT = (
    Axis.SERVER_NAME, Axis.METHOD, Axis.PATH, Axis.HTTP_HOST, Axis.HEADER,
)  # fmt: skip


class GrantKind(StrEnum):
    """What a line is about."""

    FQDN = "fqdn"
    """Hosts, at whatever address they have."""
    CIDR = "cidr"
    """Addresses outside the cluster, under any name or none."""
    IN_CLUSTER = "in-cluster"
    """Pods and nodes."""
    DNS = "dns"
    """Names that may be queried."""
    DETAIL = "detail"
    """Destinations that are in reach before and after, in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Some pods, some destinations and some ports that belong together.

    `conditions` is how they are reached, where not in every way. `example` is one flow of it, plain
    and always the same. `flows` is the exact set. `implied` is true where it only follows from
    other lines: where server names are checked, the name of a new host also passes to the addresses
    of the hosts beside it. `rules` are those of the values that it rests on, where they are known.
    `risk` is the highest level among the reasons to look closely that it gives by itself.
    """

    kind: GrantKind
    who: str
    every_pod: bool
    destinations: tuple[Destination, ...]
    ports: str
    example: Flow
    conditions: str = ""
    implied: bool = False
    flows: FlowSet
    rules: tuple[Basis, ...] = ()
    risk: RiskLevel = RiskLevel.NONE

    def __repr__(self) -> str:
        names = ", ".join(each.text for each in self.destinations[:3])
        more = ", ..." if len(self.destinations) > 3 else ""  # noqa: PLR2004 - as above
        return f"<Grant {self.who} to {names}{more} on {self.ports}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """Which flows a kind of line is about, and what such a line leaves open."""

    kind: GrantKind
    part: Callable[[FlowSet], FlowSet]
    open: tuple[Axis, ...]

    def of(self, flows: FlowSet) -> FlowSet:
        return self.part(flows).project_out(*self.open)


_PEER_PODS = tuple(map(Axis, range(Axis.PEER_NAMESPACE, Axis.PEER_ACCOUNT_LABEL + 1)))
_NO_PORT = PortSet.union(
    PortSet.of_port(each, 0) for each in (Protocol.TCP, Protocol.UDP, Protocol.SCTP)
)
API_SERVER = Peer.reserved(ReservedIdentity.KUBE_APISERVER)

_OUTSIDE = Peer.outside()
_INSIDE = Peer.everything() - _OUTSIDE


def _outside(flows: FlowSet) -> FlowSet:
    return flows.connections().restrict(peer=_OUTSIDE)


def _by_address(flows: FlowSet) -> FlowSet:
    return _outside(flows) & _outside(flows).without_name().project_out(Axis.HOST)


def _by_name(flows: FlowSet) -> FlowSet:
    return _outside(flows) - _by_address(flows)


def _inside(flows: FlowSet) -> FlowSet:
    return flows.connections().restrict(peer=_INSIDE)


def _api_server(flows: FlowSet) -> FlowSet:
    """What leads to the API server because it is that, wherever it runs."""
    named = flows.connections().restrict(peer=API_SERVER)
    return named - (flows - flows.restrict(peer=API_SERVER)).project_out(Axis.RESERVED)


def carried(flows: FlowSet) -> FlowSet:
    """The questions that its connections may carry, since nobody looks into them."""
    return flows.connections().project_out(Axis.KIND, Axis.QUERIED, *_CONTENT).queries()


_VIEWS = (
    _View(
        kind=GrantKind.FQDN, part=_by_name, open=(Axis.ADDRESS, Axis.RESERVED, *_CONTENT)
    ),
    _View(
        kind=GrantKind.IN_CLUSTER,
        part=_api_server,
        open=(Axis.PEER, *_PEER_PODS, Axis.HOST, Axis.ADDRESS, *_CONTENT),
    ),
    _View(kind=GrantKind.CIDR, part=_by_address, open=(Axis.HOST, *_CONTENT)),
    _View(kind=GrantKind.IN_CLUSTER, part=_inside, open=(Axis.HOST, Axis.ADDRESS, *_CONTENT)),
    _View(
        kind=GrantKind.DNS,
        part=lambda flows: flows.queries().restrict(peer=_INSIDE),
        open=(Axis.HOST, Axis.ADDRESS, *_CONTENT),
    ),
    _View(kind=GrantKind.DNS, part=FlowSet.queries, open=(Axis.HOST, *_CONTENT)),
    _View(kind=GrantKind.DETAIL, part=_by_name, open=(Axis.ADDRESS, Axis.RESERVED)),
    _View(kind=GrantKind.DETAIL, part=lambda flows: flows, open=()),
)  # fmt: skip


def grants(larger: FlowSet, smaller: FlowSet, everywhere: AddressSet) -> tuple[Grant, ...]:
    """What `larger` allows and `smaller` does not, the coarsest first.

    `everywhere` holds every address outside the cluster, which is written in words. Queries to a
    port to which connections become possible are not listed.

    Raises:
        Unjudgeable: if the difference is too intricate to be listed.
    """
    new = larger - smaller
    rest = new - carried(new)
    found: list[_Line] = []
    for view in _VIEWS:
        if not rest:
            break
        after, before = view.of(larger), view.of(smaller)
        unseen = view.of(rest) - before
        own = view.part(rest) & unseen
        found += [_Line(view, box, own, after, before, everywhere) for box in unseen.boxes()]
        rest -= own
    return tuple(each.grant(found) for each in found)


def hosts_by_name(flows: FlowSet) -> HostSet:
    """The hosts that are in reach for their names, and not only for their addresses."""
    return _by_name(flows).hosts()


@dataclass(frozen=True, slots=True)
class _Line:
    """One box on its way to a line."""

    view: _View
    box: Box
    own: FlowSet
    after: FlowSet
    before: FlowSet
    everywhere: AddressSet

    def grant(self, beside: Sequence[_Line]) -> Grant:
        """The line, where `beside` are all of the same difference."""
        flows = self.own & FlowSet.of_box(self.box)
        example = _plain(flows)
        if example is None:
            raise AssertionError("a line of a difference holds no flow of it")
        return Grant(
            kind=self.view.kind,
            who=str(self.box.source),
            every_pod=self.box.source == PodSet.everything(),
            destinations=tuple(self._destinations()),
            ports=self._ports(),
            example=example,
            conditions=self._conditions(flows),
            implied=self._follows_from(beside),
            flows=flows,
        )

    def _follows_from(self, beside: Iterable[_Line]) -> bool:
        """Whether only names of hosts pass, to other hosts, that lines for these pods are about."""
        box = self.box
        if self.view.kind is not GrantKind.DETAIL or not box.peer <= _OUTSIDE:
            return False
        if box.hosts.named() != box.hosts:
            return False
        return box.server_names <= HostSet.union(
            each.box.hosts
            for each in beside
            if each.view.kind is GrantKind.FQDN
            and box.source <= each.box.source
            and box.ports <= each.box.ports
        )

    def _ports(self) -> str:
        """Any port is any that something can listen on."""
        ports = self.box.ports
        text = str(ports | _NO_PORT)
        return text if text.startswith("any ") else str(ports)

    def _conditions(self, flows: FlowSet) -> str:
        match self.view.kind:
            case GrantKind.DNS:
                return resolvers_text(self.box, self.everywhere)
            case GrantKind.DETAIL:
                return detail(self.box)
            case _:
                return only(flows.requests())

    def _destinations(self) -> Iterator[Destination]:
        box = self.box
        now, then = self.after, self.before
        match self.view.kind:
            case GrantKind.FQDN:
                yield from texts.hosts(self._hosts(now), self._hosts(then), box.hosts)
            case GrantKind.CIDR if box.peer == _OUTSIDE:
                yield from texts.addresses(
                    self._addresses(now), self._addresses(then), box.addresses, self.everywhere
                )
            case GrantKind.IN_CLUSTER if box.peer <= _INSIDE:
                yield from texts.peers(self._peers(now), self._peers(then), box.peer)
            case GrantKind.DNS:
                yield from texts.queried_names(self._queried(now), self._queried(then), box.queried)
            case _:
                yield texts.whole(box, self.everywhere)

    def _missing(self, flows: FlowSet, peer: Peer) -> FlowSet:
        """The connections that not all pods of the line have, or not on all of its ports."""
        scope = FlowSet.connect(source=self.box.source, peer=peer, ports=self.box.ports)
        return scope - flows

    def _hosts(self, flows: FlowSet) -> HostSet:
        return HostSet.everything() - self._missing(flows, _OUTSIDE).hosts()

    def _addresses(self, flows: FlowSet) -> AddressSet:
        return self.everywhere - self._missing(flows, _OUTSIDE).addresses()

    def _peers(self, flows: FlowSet) -> Peer:
        return _INSIDE - self._missing(flows, _INSIDE).peers()

    def _queried(self, flows: FlowSet) -> HostSet:
        box = self.box
        scope = FlowSet.query(
            source=box.source,
            resolver=box.peer,
            ports=box.ports,
            names=ALL_NAMES,
            addresses=box.addresses,
        )
        return ALL_NAMES - (scope - flows).queried_hosts()


def _plain(flows: FlowSet) -> Flow | None:
    """One flow, with the host's own name in its TLS greeting where that is among them."""
    flow = flows.witness()
    if flow is None or flow.host is None:
        return flow
    own = HostSet.exact([flow.host])
    return (flows.restrict(hosts=own).with_server_name(own)).witness() or flow
