"""One concrete flow, as a query or a counter-example shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Any

from transire.flows.address_set import Address, address_at, number_of
from transire.flows.diagrams.axes import NO_KEY, PEER_SHIFT, Axis
from transire.flows.diagrams.witness import Picks, Value, name_of
from transire.flows.host_set import labels_of
from transire.flows.peer_set import PeerKind
from transire.flows.pod_set import Workload, workload_of
from transire.flows.port_set import Protocol

CONNECT, QUERY = 0, 1
"""The values of the axis `KIND`."""

_NO_POD = Workload(namespace="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One attempt of a pod: a connection, or, where `queried` is a name, a query to a resolver.

    Raises:
        ValueError: if a name is not in lower case without a trailing dot.
    """

    source: Workload
    peer: PeerKind = PeerKind.OUTSIDE
    pod: Workload | None = None
    """The peer, where it is a pod."""
    reserved: frozenset[str] = frozenset()
    """Reserved identities that the peer carries."""
    host: str | None = None
    """The name that the address was learnt for, if any."""
    address: Address
    protocol: int
    port: int
    """For ICMP the type * 256 + the code."""
    queried: str | None = None
    """The name in the query; the root is ``.``."""
    server_name: str | None = None
    method: str | None = None
    path: str | None = None
    http_host: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    point: tuple[Any, ...] = field(init=False, repr=False, compare=False, hash=False)
    """What each axis reads here: a value, the labels of a name, or a look-up by key."""

    def __post_init__(self) -> None:
        source, pod = self.source, self.pod or _NO_POD
        found: list[Any] = [None] * (max(Axis) + 1)
        found[Axis.KIND] = CONNECT if self.queried is None else QUERY
        found[Axis.PEER] = self.peer
        found[Axis.RESERVED] = self.reserved.__contains__
        found[Axis.HOST] = labels_of(self.host or ".")
        found[Axis.QUERIED] = labels_of(self.queried or ".")
        found[Axis.ADDRESS] = number_of(self.address)
        found[Axis.PROTOCOL : Axis.PORT + 1] = (self.protocol, self.port)
        found[Axis.NAMESPACE : Axis.ACCOUNT_LABEL + 1] = _seen(source)
        found[Axis.PEER_NAMESPACE : Axis.PEER_ACCOUNT_LABEL + 1] = _seen(pod)
        found[Axis.SERVER_NAME] = labels_of(self.server_name or ".")
        found[Axis.METHOD : Axis.HEADER + 1] = (
            self.method,
            self.path,
            self.http_host,
            self.headers.get,
        )
        object.__setattr__(self, "point", tuple(found))


def _seen(pod: Workload) -> tuple[Any, ...]:
    return (
        pod.namespace,
        pod.namespace_labels.get,
        pod.labels.get,
        pod.account,
        pod.account_labels.get,
    )


_PUBLIC, _INSIDE = IPv4Address("203.0.113.10"), IPv4Address("10.0.0.10")


def flow_of(values: Picks) -> Flow:
    """A flow with these values, and plain ones for every variable that is left out."""
    kinds = {axis: value for (axis, key), value in values.items() if key == NO_KEY}
    peer = PeerKind(_number(kinds.get(Axis.PEER), PeerKind.OUTSIDE))
    number = kinds.get(Axis.ADDRESS)
    usual = _PUBLIC if peer == PeerKind.OUTSIDE else _INSIDE
    queried = name_of(values, Axis.QUERIED) or "."
    if (Axis.QUERIED, 1) not in values:
        queried = "example.com"
    return Flow(
        source=workload_of(values),
        peer=peer,
        pod=workload_of(values, PEER_SHIFT) if peer == PeerKind.POD else None,
        reserved=frozenset(key for key, hit in _by_key(values, Axis.RESERVED) if hit),
        host=name_of(values, Axis.HOST),
        address=address_at(number) if isinstance(number, int) else usual,
        protocol=_number(kinds.get(Axis.PROTOCOL), Protocol.TCP),
        port=_number(kinds.get(Axis.PORT), 443),
        queried=queried if kinds.get(Axis.KIND) == QUERY else None,
        server_name=name_of(values, Axis.SERVER_NAME),
        method=_text(kinds.get(Axis.METHOD)),
        path=_text(kinds.get(Axis.PATH)),
        http_host=_text(kinds.get(Axis.HTTP_HOST)),
        headers={key: str(value) for key, value in _by_key(values, Axis.HEADER)},
    )


def _by_key(values: Picks, axis: Axis) -> list[tuple[str, Value]]:
    return [
        (str(key), value)
        for (each, key), value in values.items()
        if each == axis and value is not None
    ]


def _number(value: Value, usual: int) -> int:
    return value if isinstance(value, int) else usual


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
