"""Flows that are alike, counted together, and given the names that lookups gave their addresses.

Counting keeps no line, so that memory follows how many different flows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from transire.flowlogs.record import Flow, Lookup, Lost, Outcome, Peer, Policy, Record, Seen
from transire.review.usage.answers import Answers, Client, Numbers, client_of

LIMIT = 100_000
"""Different flows that are kept apart; where there are more, all lose the addresses of what has a
name, or is a pod, and where that is not enough, every address."""
_HOUR = 3600
_PREFERRED = (Seen.DECISION, Seen.REQUEST, Seen.DROP, Seen.PACKET)
"""What counts connections best where several saw them, first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who connected: a workload of a namespace as far as the log has it.

    `labels` is None where the log has none. `address` is kept only where there is no namespace.
    """

    namespace: str = ""
    workload: str = ""
    account: str = ""
    labels: tuple[tuple[str, str], ...] | None = None
    address: str = ""
    cluster: str = ""

    @property
    def shown(self) -> str:
        """How outputs name it: its workload, else its labels, else what else is known."""
        labels = ",".join(f"{key}={value}" for key, value in self.labels or ())
        return self.workload or labels or self.address or "?"

    @property
    def order(self) -> tuple[object, ...]:
        """Its place among others, so that outputs do not follow the order of lines."""
        return (
            self.namespace, self.workload, self.account, self.labels or (), self.labels is None,
            self.address, self.cluster,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Connections that are alike: from whom, to what, with what outcome, how often and when."""

    origin: Origin
    names: tuple[str, ...]
    names_cut: bool
    address: str
    entity: str
    address_set: str
    namespace: str
    labels: tuple[tuple[str, str], ...] | None
    protocol: str
    port: int | None
    outcome: Outcome
    policies: tuple[Policy, ...]
    joined: bool = False
    """Whether the names come from lookups of the same client, and not from the line."""
    count: int = 0
    first: float | None = None
    last: float | None = None


class _End(NamedTuple):
    """The destination of a flow without its names."""

    address: str
    entity: str
    address_set: str
    namespace: str
    labels: tuple[tuple[str, str], ...] | None


class _Kind(NamedTuple):
    """What tells flows apart; origins and ends by their numbers.

    `client` and `hour` are those of a flow whose names are yet to be found.
    """

    origin: int
    end: int
    names: tuple[str, ...]
    names_cut: bool
    protocol: str
    port: int | None
    outcome: Outcome
    policies: tuple[Policy, ...]
    client: Client | None
    hour: int


class _Counts:
    """How often a kind was seen, by what saw it, and when."""

    __slots__ = ("first", "last", "seen")

    def __init__(self) -> None:
        self.seen: dict[Seen, int] | tuple[Seen, int] = (Seen.PACKET, 0)
        self.first: float | None = None
        self.last: float | None = None

    def add(self, seen: Seen, count: int, first: float | None, last: float | None) -> None:
        """So many more."""
        known = self.seen
        if isinstance(known, dict):
            known[seen] = known.get(seen, 0) + count
        elif known[0] is seen or not known[1]:
            self.seen = seen, known[1] + count
        else:
            self.seen = {known[0]: known[1], seen: count}
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last

    def copy(self) -> _Counts:
        """The same, to be added to."""
        found = _Counts()
        found.absorb(self)
        return found

    def absorb(self, other: _Counts) -> None:
        """What another has."""
        for seen, count in other.by_what.items():
            self.add(seen, count, other.first, other.last)

    @property
    def by_what(self) -> dict[Seen, int]:
        """The counts by what saw them."""
        return self.seen if isinstance(self.seen, dict) else {self.seen[0]: self.seen[1]}

    @property
    def count(self) -> int:
        """Connections, by what counts them best."""
        seen = self.by_what
        return next(seen[each] for each in _PREFERRED if each in seen)

    @property
    def lines(self) -> int:
        """How many there are in all, whatever saw them."""
        return sum(self.by_what.values())


_MOST_PEERS = 10_000
_DETAILS = 2
"""How often a limit may take details from all kinds."""


class Sightings:
    """Counts records; `found` gives what they come to, in whatever order they came."""

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        """Flows that are no connections of workloads to somewhere, by why."""
        self.merged = 0
        """Flows that were counted without their address, as there were too many kinds."""
        self.denied_names: dict[tuple[Origin, str], int] = {}
        """Queries that were refused, by who and for what name."""
        self._counts: dict[_Kind, _Counts] = {}
        self._coarse = 0
        self._origins: Numbers[Origin] = Numbers()
        self._ends: Numbers[_End] = Numbers()
        self._answers = Answers()
        self._sources: dict[int, tuple[Peer, int]] = {}
        self._destinations: dict[int, tuple[Peer, int]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: peers are known by their places in memory here alone."""
        return {**self.__dict__, "_sources": {}, "_destinations": {}}

    def add(self, record: Record) -> None:
        """One record of a log."""
        match record:
            case Flow():
                self._add_flow(record)
            case Lookup(outcome=Outcome.DENIED):
                key = _origin(record.client), record.name
                self.denied_names[key] = self.denied_names.get(key, 0) + record.count
            case Lookup():
                self._answers.add(record)
            case Lost():
                return

    def absorb(self, other: Sightings) -> None:
        """What another counted."""
        for why, count in other.left_out.items():
            self.left_out[why] = self.left_out.get(why, 0) + count
        for lookup, count in other.denied_names.items():
            self.denied_names[lookup] = self.denied_names.get(lookup, 0) + count
        while self._coarse < other._coarse:
            self._lose_details()
        self.merged += other.merged
        self._answers.absorb(other._answers)
        for kind, counts in other._counts.items():
            mine = kind._replace(
                origin=self._origins.of(other._origins.values[kind.origin]),
                end=self._ends.of(other._ends.values[kind.end]),
            )
            for level in range(other._coarse, self._coarse):
                mine = self._without_details(mine, counts, level)
            self._counts_of(mine).absorb(counts)
            self._keep_within_limit()

    def found(self) -> Iterator[Sighting]:
        """Every kind of flow, with its names where a lookup has them."""
        merged: dict[tuple[_Kind, bool], _Counts] = {}
        for kind, counts in self._counts.items():
            names = kind.names
            if kind.client is not None:
                address = self._ends.values[kind.end].address
                names = self._answers.names_of(kind.client, address, counts.first, counts.last)
            named = kind._replace(names=names, client=None, hour=0)
            key = named, bool(names and not kind.names)
            known = merged.setdefault(key, counts)
            if known is not counts:
                known = merged[key] = known.copy()
                known.absorb(counts)
        for (kind, joined), counts in merged.items():
            yield self._sighting(kind, counts, joined=joined)

    def _sighting(self, kind: _Kind, counts: _Counts, *, joined: bool) -> Sighting:
        end = self._ends.values[kind.end]
        return Sighting(
            origin=self._origins.values[kind.origin],
            names=kind.names,
            names_cut=kind.names_cut,
            address=end.address,
            entity=end.entity,
            address_set=end.address_set,
            namespace=end.namespace,
            labels=end.labels,
            protocol=kind.protocol,
            port=kind.port,
            outcome=kind.outcome,
            policies=kind.policies,
            joined=joined,
            count=counts.count,
            first=counts.first,
            last=counts.last,
        )

    def _add_flow(self, flow: Flow) -> None:
        why = _passed_over(flow)
        if why:
            self.left_out[why] = self.left_out.get(why, 0) + flow.count
            return
        kind = self._kind(flow)
        counts = self._counts.get(kind) if not self._coarse else None
        if counts is None:
            counts = _Counts()
            counts.add(flow.seen, flow.count, flow.first, flow.last)
            for level in range(self._coarse):
                kind = self._without_details(kind, counts, level)
            self._counts_of(kind).absorb(counts)
            self._keep_within_limit()
        else:
            counts.add(flow.seen, flow.count, flow.first, flow.last)

    def _kind(self, flow: Flow) -> _Kind:
        to = flow.destination
        unnamed = bool(to.address) and not flow.names and not to.namespace
        return _Kind(
            self._source(flow.source),
            self._destination(to),
            flow.names if len(flow.names) < 2 else tuple(sorted(flow.names)),  # noqa: PLR2004
            flow.names_cut,
            flow.protocol,
            flow.port,
            flow.outcome,
            flow.policies,
            client_of(flow.source) if unnamed else None,
            int((flow.last or 0) // _HOUR) if unnamed else 0,
        )

    def _source(self, peer: Peer) -> int:
        """The same for the same peer, which readers give for all flows of a pod."""
        known = self._sources.get(id(peer))
        if known is None:
            _make_room(self._sources)
            known = self._sources[id(peer)] = peer, self._origins.of(_origin(peer))
        return known[1]

    def _destination(self, peer: Peer) -> int:
        known = self._destinations.get(id(peer))
        if known is None:
            _make_room(self._destinations)
            known = self._destinations[id(peer)] = peer, self._ends.of(_end(peer))
        return known[1]

    def _counts_of(self, kind: _Kind) -> _Counts:
        counts = self._counts.get(kind)
        if counts is None:
            counts = self._counts[kind] = _Counts()
        return counts

    def _keep_within_limit(self) -> None:
        while len(self._counts) > LIMIT and self._coarse < _DETAILS:
            self._lose_details()

    def _lose_details(self) -> None:
        """All kinds lose one more detail, so that which came first makes no difference."""
        before, self._counts = self._counts, {}
        for kind, counts in before.items():
            self._counts_of(self._without_details(kind, counts, self._coarse)).absorb(counts)
        self._coarse += 1

    def _without_details(self, kind: _Kind, counts: _Counts, level: int) -> _Kind:
        """The kind without its address: first where it has a name or is a pod, then anywhere."""
        end = self._ends.values[kind.end]
        if not end.address or not (kind.names or end.namespace or level):
            return kind
        self.merged += counts.lines
        plain = self._ends.of(end._replace(address="", labels=None))
        return kind._replace(end=plain, client=None, hour=0)


def _make_room(peers: dict[int, tuple[Peer, int]]) -> None:
    if len(peers) >= _MOST_PEERS:
        peers.clear()


def _passed_over(flow: Flow) -> str:
    """Why a flow is no connection of a workload; empty for one that is."""
    if flow.egress is False:
        return "ingress"
    if flow.reply:
        return "replies"
    if not (flow.source.namespace or flow.source.address):
        return "no source"
    return ""


def _end(peer: Peer) -> _End:
    return _End(
        address=peer.address,
        entity=peer.entity,
        address_set=peer.address_set,
        namespace=peer.namespace,
        labels=_labels(peer.labels) if peer.namespace else None,
    )


def _origin(peer: Peer) -> Origin:
    return Origin(
        namespace=peer.namespace,
        workload=peer.workload,
        account=peer.service_account,
        labels=_labels(peer.labels),
        address="" if peer.namespace else peer.address,
        cluster=peer.cluster,
    )


_HASHES = (
    "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid",
    "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name",
    "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
)  # fmt: skip


def _labels(labels: Mapping[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    """Labels in order, without those that change with every release of the workload."""
    if labels is None:
        return None
    return tuple(sorted((key, value) for key, value in labels.items() if key not in _HASHES))
