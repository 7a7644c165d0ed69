"""Queries about single flows, and their verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from transire.k8s.manifests import ObjectRef
from transire.model.net import Address
from transire.queries.cluster_state import no_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The pod that opens the connection or queries the name."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=no_labels)
    pod: str = ""
    """The pod's name where the cluster file has it, else empty."""
    account: str = ""
    """The name of its service account where the query gives one, else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A name that was resolved before, by the source or by another pod (`namespace/name`)."""

    host: str
    ip: Address
    pod: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQuery:
    """May the source look `host` up at a resolver.

    `dns_server` is a pod as `namespace/name`, an address, or empty for the cluster's own.
    """

    host: str
    dns_server: str = ""
    port: int = 53
    protocol: str = "UDP"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request in clear over a connection, as the client sends it.

    `path` may have a query. `host` is the authority, with its port where the client writes one.
    Headers go by name in lower case.
    """

    method: str
    path: str
    host: str = ""
    headers: Mapping[str, str] = field(default_factory=no_labels)

    def __str__(self) -> str:
        """Such as `GET /v1/items`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """May the source open `port`/`protocol` at `ip` (for ICMP the port is the type).

    With `host`, the source first looks the name up (UDP at `dns_server`:`dns_port`) and connects
    to the address it gets. Without `ip`, the destination is a pod that only `peer_namespace` and
    `peer_labels` describe, or some public address where a `host` is given. `peer_reserved` holds
    the reserved names of an address that no cluster file knows. `entity` is a part of the cluster
    that is no pod, in the words of values files; what it is on a cluster, `queries.entities` gives.
    With a `request` the connection carries that, in clear, and the verdict is about both.
    """

    port: int
    protocol: str
    ip: Address | None = None
    host: str = ""
    dns_server: str = ""
    dns_port: int = 53
    pod: str = ""
    node: str = ""
    prior_lookups: tuple[Lookup, ...] = ()
    peer_namespace: str = ""
    peer_labels: Mapping[str, str] | None = None
    peer_reserved: frozenset[str] = frozenset()
    entity: str = ""
    request: HttpRequest | None = None

    def __repr__(self) -> str:
        at = self.entity or self.ip or self.host or self.pod or self.node or self.peer_namespace
        return f"<Connection to {at} on {self.port}/{self.protocol}>"


class Expected(StrEnum):
    """What may be expected of a flow: the verdict, or that something else decides."""

    ALLOW = "allow"
    DENY = "deny"
    DELEGATED = "delegated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query; `options` are agent flags that differ from the cluster's for it alone.

    `expect` is what the verdict has to be, where that is given.
    """

    id: str
    source: Source
    what: DnsQuery | Connection
    options: Mapping[str, str] = field(default_factory=no_labels)
    expect: Expected | None = None

    def __repr__(self) -> str:
        return f"<Query {self.id}: {self.what}>"


class Verdict(StrEnum):
    """The verdict; nothing defaults to allow."""

    ALLOW = "allow"
    DENY = "deny"
    UNJUDGEABLE = "unjudgeable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The object and the JSON pointer of the rule in it that decided."""

    object: ObjectRef
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """Something true about the verdict that no policy can hold, such as a shared address.

    `delegated` means that something else decides. `once_enforced` is the verdict when an audit
    ends, where the target is in one.
    """

    id: str
    text: str
    delegated: bool = False
    once_enforced: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict with its reason; `decided_by` is None when no rule matched."""

    verdict: Verdict
    reason: str
    decided_by: Deciding | None = None
    caveats: tuple[Caveat, ...] = ()

    def __repr__(self) -> str:
        return f"<Decision {self.verdict}: {self.reason}>"
