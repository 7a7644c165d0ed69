"""One concrete flow, as a question or a counter-example shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transire.model.addresses import Address, number_of
from types import MappingProxyType
from transire.model.hosts import labels_of
from transire.model.peers import PeerKind
from transire.model.selectors import Workload
from transire.model.variables import Axis

CONNECT, ASK = 0, 1
"""The values of the axis `KIND`."""

_NO_POD = Workload(namespace="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One attempt of a pod: a connection, or, where `asks` is a name, a question to a resolver.

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
    asks: str | None = None
    """The name asked for; the root is ``.``."""
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
        found[Axis.KIND] = CONNECT if self.asks is None else ASK
        found[Axis.PEER] = self.peer
        found[Axis.RESERVED] = self.reserved.__contains__
        found[Axis.HOST] = labels_of(self.host or ".")
        found[Axis.ASKED] = labels_of(self.asks or ".")
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
