"""Exact sets of flows: who may open what to whom, and who may query which name.

A flow is one attempt of a pod: a connection, or a query to a DNS resolver. A `FlowSet` holds
every flow that something allows. It is built from single rules with `connect`, `query` and `reach`,
joined with `union`, and compared, subtracted and shown as the value it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import ClassVar, Self

from transire.flows.address_set import AddressSet
from transire.flows.boxes import Box, Requests, boxes
from transire.flows.diagrams.axes import NO_KEY, Axis
from transire.flows.diagrams.diagram import Diagram, Graft, Intersection, Projection, node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.witness import picks
from transire.flows.exact_set import ExactSet, judged
from transire.flows.flow import CONNECT, QUERY, Flow, flow_of
from transire.flows.host_set import HostSet, Names, as_set
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.text_set import TextSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Requests by their HTTP parts; None leaves a part open. Traffic that is not HTTP is none."""

    method: TextSet | None = None
    path: TextSet | None = None
    host: TextSet | None = None
    headers: Mapping[str, TextSet] = field(default_factory=lambda: MappingProxyType({}))
    """By name in lower case; absence means that the request has no such header."""


class FlowSet(ExactSet):
    """An exact set of flows."""

    __slots__ = ()

    limit: ClassVar[int] = 100_000

    @classmethod
    def connect(
        cls,
        *,
        source: PodSet,
        peer: Peer,
        ports: PortSet,
        hosts: Names | None = None,
        addresses: AddressSet | None = None,
        server_names: Names | None = None,
        http: Http | None = None,
    ) -> Self:
        """Connections from `source` to `peer` on `ports`.

        `hosts` keeps those to an address that was learnt for one of these names, and
        `server_names` those whose TLS greeting names one of them; None leaves each open, a missing
        name included. The root of the DNS is no such name.
        """
        tail = _http(http)
        if server_names is not None:
            tail = _names(as_set(server_names).named(), Axis.SERVER_NAME, tail)
        rest = _reach(source.diagram, ports.diagram, _or_all(addresses), tail)
        if hosts is not None:
            rest = _names(as_set(hosts).named(), Axis.HOST, rest)
        return cls._of(CONNECT, peer, rest)

    @classmethod
    def query(
        cls,
        *,
        source: PodSet,
        resolver: Peer,
        ports: PortSet,
        names: Names,
        hosts: Names | None = None,
        addresses: AddressSet | None = None,
    ) -> Self:
        """DNS queries for one of `names`, from `source` to `resolver` on `ports`.

        `hosts` and `addresses` are the resolver's.
        """
        rest = _names(
            as_set(names),
            Axis.QUERIED,
            _reach(source.diagram, ports.diagram, _or_all(addresses), True),
        )
        if hosts is not None:
            rest = _names(as_set(hosts).named(), Axis.HOST, rest)
        return cls._of(QUERY, resolver, rest)

    @classmethod
    def reach(
        cls,
        *,
        source: PodSet,
        peer: Peer,
        ports: PortSet,
        hosts: Names | None = None,
        addresses: AddressSet | None = None,
    ) -> Self:
        """Both: connections of any content, and queries for any name, as a plain rule allows."""
        rest = _reach(source.diagram, ports.diagram, _or_all(addresses), True)
        if hosts is not None:
            rest = _names(as_set(hosts).named(), Axis.HOST, rest)
        return cls._of(None, peer, rest)

    @classmethod
    def of_box(cls, box: Box) -> Self:
        """Every flow of one box."""
        return cls(diagram=judged(box.diagram))

    def restrict(
        self,
        *,
        source: PodSet | None = None,
        peer: Peer | None = None,
        ports: PortSet | None = None,
        hosts: Names | None = None,
        addresses: AddressSet | None = None,
    ) -> Self:
        """The part with such a source, peer, port, host and address; None leaves one open."""
        return self & self.reach(
            source=PodSet.everything() if source is None else source,
            peer=Peer.everything() if peer is None else peer,
            ports=PortSet.everything() if ports is None else ports,
            hosts=hosts,
            addresses=addresses,
        )

    def connections(self) -> Self:
        """The part that is connections."""
        return self & type(self)(diagram=_kind(CONNECT, True))

    def queries(self) -> Self:
        """The part that is queries to a resolver."""
        return self & type(self)(diagram=_kind(QUERY, True))

    def without_name(self) -> Self:
        """The part to addresses that were learnt for no name."""
        return self & type(self)(diagram=HostSet.root().diagram)

    def with_server_name(self, names: HostSet) -> Self:
        """The part whose TLS greeting names one of these."""
        return self & type(self)(diagram=_names(names.named(), Axis.SERVER_NAME, True))

    def project_out(self, *axes: Axis) -> Self:
        """Every flow that is like one of the set but for what it is on these axes."""
        keeps = Projection(self.limit, lambda each: each[0] not in axes)
        return type(self)(diagram=judged(lambda: keeps(self.diagram)))

    def witness(self) -> Flow | None:
        """One flow of the set, plain and always the same; None where the set is empty."""
        found = judged(lambda: picks(self.diagram))
        return None if found is None else flow_of(found)

    def boxes(self) -> tuple[Box, ...]:
        """Disjoint boxes that make up the set, the same for equal sets, ordered by their text."""
        return judged(lambda: boxes(self.diagram))

    def __str__(self) -> str:
        return "\n".join(map(str, self.boxes())) or "nothing"

    def sources(self) -> PodSet:
        """The pods that have any flow in the set."""
        keeps = Projection(self.limit, lambda each: _SOURCE[0] <= each[0] <= _SOURCE[1])
        return PodSet(diagram=judged(lambda: keeps(self.diagram)))

    def hosts(self) -> HostSet:
        """The names that any flow in the set goes to; those of flows to addresses are left out."""
        keeps = Projection(self.limit, lambda each: each[0] == Axis.HOST)
        return HostSet(diagram=judged(lambda: keeps(self.diagram))).named()

    def queried_hosts(self) -> HostSet:
        """The names that any flow in the set queries, the root included."""
        keeps = Projection(self.limit, lambda each: each[0] == Axis.QUERIED)
        moved = Graft(leaf=True, shift=Axis.HOST - Axis.QUERIED)
        return HostSet(diagram=judged(lambda: moved(keeps(self.queries().diagram))))

    def peers(self) -> Peer:
        """What any flow in the set goes to."""
        keeps = Projection(self.limit, lambda each: each[0] in _PEER)
        return Peer(diagram=judged(lambda: keeps(self.diagram)))

    def requests(self) -> Requests:
        """The HTTP requests that any flow in the set carries; all where it need not be HTTP."""
        keeps = Projection(self.limit, lambda each: each[0] >= Axis.METHOD)
        return Requests(diagram=judged(lambda: keeps(self.diagram)))

    def addresses(self) -> AddressSet:
        """The addresses that any flow in the set goes to."""
        keeps = Projection(self.limit, lambda each: each[0] == Axis.ADDRESS)
        return AddressSet(diagram=judged(lambda: keeps(self.diagram)))

    def contains(self, flow: Flow) -> bool:
        """Whether this very flow is in the set."""
        point = flow.point
        at = self.diagram
        while not isinstance(at, bool):
            axis, key = at.variable
            value = point[axis]
            if isinstance(key, int):
                value = value[key - 1] if key <= len(value) else None
            elif key:
                value = value(key)
            at = at.cells.at(value)
        return at

    @classmethod
    def _of(cls, kind: int | None, peer: Peer, rest: Diagram) -> Self:
        return cls(diagram=_to_peer(kind, cls.limit, peer.diagram, rest))


_SOURCE = Axis.NAMESPACE, Axis.ACCOUNT_LABEL
_PEER = frozenset(
    {Axis.PEER, Axis.RESERVED, *range(Axis.PEER_NAMESPACE, Axis.PEER_ACCOUNT_LABEL + 1)}
)


def _kind(kind: int, rest: Diagram) -> Diagram:
    own = (
        [(CONNECT, rest), (QUERY, False)] if kind == CONNECT else [(CONNECT, False), (QUERY, rest)]
    )
    return node((Axis.KIND, NO_KEY), StepFunction(own))


_KEPT = 1_024
"""Parts that are kept: targets of one cluster have the same parts one after another."""


def _or_all(addresses: AddressSet | None) -> Diagram:
    return True if addresses is None else addresses.diagram


@lru_cache(maxsize=_KEPT)
def _reach(source: Diagram, ports: Diagram, addresses: Diagram, tail: Diagram) -> Diagram:
    rest = Graft(judged(lambda: Graft(tail)(source)))(ports)
    return Graft(rest)(addresses)


@lru_cache(maxsize=_KEPT)
def _to_peer(kind: int | None, limit: int, peer: Diagram, rest: Diagram) -> Diagram:
    whole = judged(lambda: Intersection(limit)(peer, rest))
    return whole if kind is None else _kind(kind, whole)


def _names(names: HostSet, axis: Axis, tail: Diagram) -> Diagram:
    return _grafted(names.diagram, axis - Axis.HOST, tail)


@lru_cache(maxsize=_KEPT)
def _grafted(names: Diagram, shift: int, tail: Diagram) -> Diagram:
    return judged(lambda: Graft(tail, shift)(names))


def _http(http: Http | None) -> Diagram:
    if http is None:
        return True
    present = TextSet.present()
    parts = [
        (present if http.method is None else http.method & present).on(Axis.METHOD),
        (present if http.path is None else http.path & present).on(Axis.PATH),
    ]
    if http.host is not None:
        parts.append(http.host.on(Axis.HTTP_HOST))
    parts.extend(values.on(Axis.HEADER, name) for name, values in http.headers.items())
    found: Diagram = True
    for part in parts:
        found = Intersection(FlowSet.limit)(found, part)
    return found
