"""What a client of the mesh sends, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from transire.model.net import Address


class Kind(StrEnum):
    """What the application sends; HTTP is that in clear."""

    TLS = "tls"
    HTTP = "http"
    TCP = "tcp"
    UDP = "udp"


class Way(StrEnum):
    """Where a connection goes first."""

    SIDECAR = "redirect to the sidecar"
    WAYPOINT = "HBONE to the waypoint"
    GATEWAY = "straight to the gateway"
    MUTUAL_TLS = "mesh mTLS straight to the gateway"
    NO_PROXY = "no proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who sends; an empty account means that nothing is known of it."""

    namespace: str
    account: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    address: Address | None = None

    @property
    def principal(self) -> str:
        """The identity in its certificate, without the scheme."""
        return f"cluster.local/ns/{self.namespace}/sa/{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshRequest:
    """One connection, with the first request on it where that is HTTP.

    `address` and `port` are what the application dialled; `server_name` is that of its TLS, None
    without one; `outer_name` is that of the mesh's own TLS around it.
    """

    client: Client
    way: Way
    kind: Kind
    address: Address
    port: int
    server_name: str | None = None
    outer_name: str | None = None
    host: str = ""
    method: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request ends: a name that the proxy looks up, or an address; `tls` is the proxy's."""

    at: str | Address
    port: int
    tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a request is let through, why, and where it ends; `gateway` where it passed one."""

    allowed: bool
    reason: str
    target: Target | None = None
    gateway: bool = False


def denied(reason: str) -> Answer:
    """A request that is not let through."""
    return Answer(allowed=False, reason=reason)


def passed(reason: str, target: Target) -> Answer:
    """A request that ends at a target."""
    return Answer(allowed=True, reason=reason, target=target)
