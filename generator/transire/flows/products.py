"""Flows as products of parts, which can be compared without working a set of them out.

What a rule allows is a product: any of some pods, to any of some peers, on any of some ports, and
so on. A set of flows is mostly the union of such products, and where two unions have the same
products they are the same set, whatever the products have in common. That takes no diagram.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Self

from transire.flows.address_set import AddressSet
from transire.flows.flow import CONNECT, QUERY
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet, NamePatterns, Names
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Every flow that combines these parts; `kind` None stands for connections and queries.

    The other parts are those of `FlowSet.connect` and `FlowSet.query`, and None leaves one open.
    """

    kind: int | None
    source: PodSet
    peer: Peer
    ports: PortSet
    addresses: AddressSet | None = None
    hosts: Names | None = None
    queried: Names | None = None
    server_names: Names | None = None
    http: Http | None = None

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
        """The product of `FlowSet.connect`."""
        return cls(
            kind=CONNECT,
            source=source,
            peer=peer,
            ports=ports,
            hosts=hosts,
            addresses=addresses,
            server_names=server_names,
            http=http,
        )

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
        """The product of `FlowSet.query`."""
        return cls(
            kind=QUERY,
            source=source,
            peer=resolver,
            ports=ports,
            queried=names,
            hosts=hosts,
            addresses=addresses,
        )

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
        """The product of `FlowSet.reach`."""
        return cls(
            kind=None, source=source, peer=peer, ports=ports, hosts=hosts, addresses=addresses
        )

    def flows(self) -> FlowSet:
        """The set of its flows."""
        if self.kind == QUERY:
            return FlowSet.query(
                source=self.source,
                resolver=self.peer,
                ports=self.ports,
                names=HostSet(diagram=True) if self.queried is None else self.queried,
                hosts=self.hosts,
                addresses=self.addresses,
            )
        if self.kind is None:
            return FlowSet.reach(
                source=self.source,
                peer=self.peer,
                ports=self.ports,
                hosts=self.hosts,
                addresses=self.addresses,
            )
        return FlowSet.connect(
            source=self.source,
            peer=self.peer,
            ports=self.ports,
            hosts=self.hosts,
            addresses=self.addresses,
            server_names=self.server_names,
            http=self.http,
        )

    @property
    def is_empty(self) -> bool:
        """Whether one of its parts is empty, and so no flow is in it."""
        parts = self.source, self.peer, self.ports
        optional = self.addresses, self.hosts, self.queried, self.server_names
        return not all(parts) or not all(each for each in optional if each is not None)


def union(products: Iterable[Product]) -> FlowSet:
    """Every flow of any of the products."""
    return FlowSet.union(each.flows() for each in products)


def joined(products: Iterable[Product]) -> frozenset[Product] | None:
    """The same union in as few products as parts can be joined; None where HTTP is among them.

    Products that differ in one part only become one with all of it: first in their ports, then in
    their hosts, their peers and their pods. Equal unions need not come to equal products, but equal
    products are equal unions.
    """
    known = tuple(products)
    if any(each.http is not None for each in known):
        return None
    found = [part for each in known if not each.is_empty for part in _kinds(each)]
    for name, join in _JOINS.items():
        found = _along(found, name, join)
    return frozenset(found)


_JOINS: Mapping[str, Callable[[Iterable[Any]], object]] = MappingProxyType(
    {
        "ports": PortSet.union,
        "hosts": NamePatterns.union,
        "peer": Peer.union,
        "source": PodSet.union,
    }
)
"""How what stands for one part is joined, in the order in which parts are."""

_BESIDES = {
    name: attrgetter(*(each.name for each in fields(Product) if each.name != name))
    for name in _JOINS
}


def _kinds(product: Product) -> Iterator[Product]:
    """Its connections and its queries, with what leaves a part open written in one way."""
    addresses = product.addresses
    if addresses is not None and addresses.diagram is True:
        product = replace(product, addresses=None)
    if product.kind is None:
        yield replace(product, kind=CONNECT)
        yield replace(product, kind=QUERY)
        return
    queried = product.queried
    if isinstance(queried, HostSet) and queried.diagram is True:
        product = replace(product, queried=None)
    yield product


def _along(
    products: Iterable[Product], name: str, join: Callable[[Iterable[Any]], object]
) -> list[Product]:
    """Products with equal other parts as one, with that part joined; hosts where all are patterns.

    Where that part is left open it stays so, since nothing is joined with it.
    """
    alike: dict[Hashable, list[Product]] = {}
    besides = _BESIDES[name]
    for each in products:
        apart = name == "hosts" and not isinstance(each.hosts, NamePatterns)
        alike.setdefault(each if apart else besides(each), []).append(each)
    made: list[Product] = []
    for some in alike.values():
        changes: dict[str, Any] = {}
        if len(set(some)) > 1:
            changes[name] = join(getattr(each, name) for each in some)
        made.append(replace(some[0], **changes) if changes else some[0])
    return made
