"""What goes wrong, one item for each source, destination and way, from logs or from a symptom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from transire.flowlogs.located import Located
from transire.flowlogs.record import Flow, Lookup, Peer
from transire.queries.cluster_state import Pod
from transire.review.doctor.findings import Evidence
from transire.review.doctor.placed import shown_lines

DNS_PORTS = frozenset({53, 5353})
HTTPS = 443


class How(StrEnum):
    """How a flow ended."""

    DENIED = "denied"
    AUDITED = "only reported"
    REFUSED = "refused"
    """A name that a policy does not let pods query."""
    RESET = "reset"
    FAILED = "failed"
    ASSUMED = "assumed"
    """No log shows it; a symptom names it."""
    PASSED = "passed"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Flows of some pods to one destination that ended in one way.

    `names` are those that the destination is known by, `asked` those for which the pods got its
    address before. `peers` are the pods that it is. `named`: the symptom names it.
    """

    source: str
    pods: tuple[Pod, ...]
    how: How
    names: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    address: str = ""
    peers: tuple[Pod, ...] = ()
    peer: Peer | None = None
    port: int | None = None
    protocol: str = "TCP"
    events: tuple[Located, ...] = ()
    named: bool = False
    stands_for: str = ""
    """What the address stands for, where it is one of many."""
    proxied: bool = False
    """Whether a proxy logged it, so that its source's policies do not decide about it."""

    @property
    def is_lookup(self) -> bool:
        """Whether it is about a name server."""
        return self.how is How.REFUSED or self.port in DNS_PORTS

    @property
    def hosts(self) -> tuple[str, ...]:
        """All names of the destination, those that the log has before those that were asked."""
        return tuple(dict.fromkeys((*self.names, *self.asked)))

    @property
    def names_in_log(self) -> bool:
        """Whether the log of any event has a name for the destination."""
        return any(isinstance(e.record, Flow) and e.record.names for e in self.events)

    @property
    def entity(self) -> str:
        """What the destination is where it is no pod."""
        return self.peer.entity if self.peer else ""

    @property
    def shown(self) -> str:
        """The destination for people."""
        if self.stands_for:
            return self.stands_for
        port = f":{self.port}" if self.port else ""
        if self.hosts:
            return f"{self.hosts[0]}{port}" + (f" ({self.address})" if self.address else "")
        if self.peers:
            return f"{self.peers[0].namespace}/{self.peers[0].name}{port}"
        return f"{self.address or self.entity or 'a destination'}{port}"

    @property
    def first(self) -> float | None:
        """When it was seen first."""
        times = [at for at in (each.record.first for each in self.events) if at is not None]
        return min(times, default=None)


def lines_of(events: Iterable[Located], shows: str) -> tuple[Evidence, ...]:
    """Where events stand, one item for each file."""
    files: dict[str, list[int]] = {}
    for each in events:
        files.setdefault(each.source, []).append(each.line)
    return tuple(
        Evidence(file=file, at=shown_lines(lines), shows=shows) for file, lines in files.items()
    )


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The records of the pods of one namespace, in the order of their files.

    `complete` is false where there were more than are kept.
    """

    flows: tuple[Located, ...] = ()
    lookups: tuple[Located, ...] = ()
    others: tuple[Located, ...] = ()
    """Records of proxies and resolvers of which no pod of the namespace is the source."""
    first: float | None = None
    last: float | None = None
    complete: bool = True
    files: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    total: int = 0
    lost: int = 0

    @cached_property
    def _answered(self) -> Mapping[tuple[str, str], tuple[Located, ...]]:
        """The lookups that were answered with addresses, by name and by address."""
        found: defaultdict[tuple[str, str], list[Located]] = defaultdict(list)
        for each in self.lookups:
            record = lookup(each)
            for address in dict.fromkeys(record.addresses or ()):
                found["", address].append(each)
                found[record.name, address].append(each)
            if record.addresses:
                found[record.name, ""].append(each)
        return {key: tuple(held) for key, held in found.items()}

    def answers(self, host: str = "", address: str = "") -> tuple[Located, ...]:
        """The lookups that were answered, of a host, with an address, or both."""
        return self._answered.get((host, address), ())

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the namespace was read."""
        return not (self.flows or self.lookups)


def flow(event: Located) -> Flow:
    """The flow of an event.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(event.record, Flow):
        raise TypeError(f"{event.record} is no flow")
    return event.record


def lookup(event: Located) -> Lookup:
    """The lookup of an event.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(event.record, Lookup):
        raise TypeError(f"{event.record} is no lookup")
    return event.record
