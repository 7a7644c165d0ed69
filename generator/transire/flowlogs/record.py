"""What one line of a log comes to, whoever wrote it.

An empty text, an empty tuple and None stand for what the line does not hold; nothing is guessed.
Times are seconds since the epoch in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

import msgspec

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Outcome(StrEnum):
    """What became of a connection, or of a lookup."""

    PASSED = "passed"
    DENIED = "denied"
    WOULD_BE_DENIED = "would be denied"
    """It passed because policies are audited or staged only."""
    FAILED = "failed"
    """No policy decided: nobody listened, a name did not resolve, somebody hung up."""
    UNKNOWN = "unknown"


class Seen(StrEnum):
    """What a flow was seen by; the same connection may be seen by several."""

    DECISION = "decision"
    """A policy decided: once for each connection."""
    DROP = "drop"
    """A packet was dropped: once for each packet, and beside a decision."""
    PACKET = "packet"
    """A packet passed a point: any number of times for each connection."""
    REQUEST = "request"
    """A proxy took a request: once for each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy that a line names: its namespace, empty for cluster-wide ones, and its name.

    `rule` is the place of the rule in it, from 0; None where the line does not have it.
    """

    namespace: str = ""
    name: str
    rule: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One end of a flow.

    `workload` is `Kind/name`, or a name alone where the kind is not in the line. `entity` is what
    stands for a peer that is no pod: `world`, `host`, `kube-apiserver`, or the name of a set of
    addresses in `address_set`. `labels` is None where the line has none.
    """

    address: str = ""
    namespace: str = ""
    pod: str = ""
    workload: str = ""
    service_account: str = ""
    labels: Mapping[str, str] | None = None
    entity: str = ""
    address_set: str = ""
    cluster: str = ""


NOBODY = Peer()


class Flow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One connection, or several alike in one line; `count` says how many.

    `names` are the names that the destination was known by, in lower case without a trailing dot,
    and `names_cut` is true where there may have been more. `egress` and `reply` are None where the
    line does not say. `named` is true where a client named the host itself, as to a proxy.
    """

    first: float | None
    last: float | None
    count: int = 1
    seen: Seen
    outcome: Outcome
    source: Peer
    destination: Peer
    names: tuple[str, ...] = ()
    names_cut: bool = False
    named: bool = False
    protocol: str = ""
    port: int | None = None
    egress: bool | None = None
    reply: bool | None = None
    policies: tuple[Policy, ...] = ()
    node: str = ""
    lacks: tuple[str, ...] = ()
    """The fields that this format has and this line has not, such as `destination_names`."""


class Lookup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One DNS query or its answer, or several alike; the name has no trailing dot.

    `addresses` is None where the log has no answers; `ttl` is in seconds.
    """

    first: float | None
    last: float | None
    count: int = 1
    outcome: Outcome
    client: Peer
    name: str
    type: str = ""
    code: str = ""
    """`NOERROR`, `NXDOMAIN`, ..., in the upper case of DNS."""
    addresses: tuple[str, ...] | None = None
    ttl: int | None = None
    node: str = ""


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """What a log has to say of lines that it does not hold."""

    first: float | None
    last: float | None
    count: int
    what: str


Record: TypeAlias = Flow | Lookup | Lost


class Unreadable(ValueError):  # noqa: N818 - what the line is
    """A line that its format cannot be read from; the text says why, in a few words."""
