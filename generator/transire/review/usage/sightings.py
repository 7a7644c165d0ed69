"""Flows that are alike, counted together, and given the names that lookups gave their addresses.

Counting keeps no line, so that memory follows how many different flows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from transire.flowlogs.record import Flow, Lookup, Lost, Outcome, Peer, Policy, Record, Seen
from transire.flowlogs.times import earliest, latest

LIMIT = 200_000
"""Different flows that are kept apart; later ones are counted without their address and pod."""
_HOUR = 3600
_GRACE = 300
"""Seconds that a name may be used for after its time to live, by caches and open connections."""
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


@dataclass(slots=True)
class _Counts:
    seen: dict[Seen, int]
    first: float | None
    last: float | None


_MOST_ORIGINS = 10_000
_Client = tuple[str, str, str]
"""Namespace, pod and, without them, address of who looked a name up."""


class Sightings:
    """Counts records; `found` gives what they come to."""

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        """Flows that are no connections of workloads to somewhere, by why."""
        self.merged = 0
        """Flows that were counted without address and pod, as there were too many kinds."""
        self._counts: dict[tuple[_Kind, _Client | None, int], _Counts] = {}
        self._origins: dict[int, tuple[Peer, Origin]] = {}
        self._answers: dict[tuple[_Client, str], dict[str, list[float]]] = {}
        self.denied_names: dict[tuple[Origin, str], int] = {}
        """Queries that were refused, by who and for what name."""

    def add(self, record: Record) -> None:
        """One record of a log."""
        match record:
            case Flow():
                self._add_flow(record)
            case Lookup():
                self._add_lookup(record)
            case Lost():
                return

    def absorb(self, other: Sightings) -> None:
        """What another counted."""
        for why, count in other.left_out.items():
            self.left_out[why] = self.left_out.get(why, 0) + count
        for lookup, count in other.denied_names.items():
            self.denied_names[lookup] = self.denied_names.get(lookup, 0) + count
        self.merged += other.merged
        for key, counts in other._counts.items():
            known = self._counts.get(key)
            self._counts[key] = counts if known is None else _sum(known, counts)
        for place, names in other._answers.items():
            mine = self._answers.setdefault(place, {})
            for name, (begin, end) in names.items():
                span = mine.setdefault(name, [begin, end])
                span[0], span[1] = min(span[0], begin), max(span[1], end)

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: peers are known by their places in memory here alone."""
        return {**self.__dict__, "_origins": {}}

    def found(self) -> list[Sighting]:
        """Every kind of flow, with its names where a lookup has them."""
        merged: dict[Sighting, _Counts] = {}
        for (key, client, _), counts in self._counts.items():
            kind = _sighting(key)
            named = self._named(kind, client, counts)
            known = merged.get(named)
            merged[named] = counts if known is None else _sum(known, counts)
        return [_counted(kind, counts) for kind, counts in merged.items()]

    def _add_flow(self, flow: Flow) -> None:
        why = _passed_over(flow)
        if why:
            self.left_out[why] = self.left_out.get(why, 0) + flow.count
            return
        kind = _kind(flow, self._origin(flow.source))
        unnamed = bool(flow.destination.address) and not flow.names
        client = _client(flow.source) if unnamed else None
        hour = int((flow.last or 0) // _HOUR) if unnamed else 0
        key = kind, client, hour
        counts = self._counts.get(key)
        if counts is None:
            if len(self._counts) >= LIMIT:
                self.merged += flow.count
                key = _without_address(kind), None, 0
                counts = self._counts.get(key)
            if counts is None:
                counts = self._counts[key] = _Counts({}, flow.first, flow.last)
        counts.seen[flow.seen] = counts.seen.get(flow.seen, 0) + flow.count
        counts.first = earliest((counts.first, flow.first))
        counts.last = latest((counts.last, flow.last))

    def _origin(self, peer: Peer) -> Origin:
        """The same for the same peer, which readers give for all flows of a pod."""
        known = self._origins.get(id(peer))
        if known is None:
            if len(self._origins) >= _MOST_ORIGINS:
                self._origins.clear()
            known = self._origins[id(peer)] = peer, _origin(peer)
        return known[1]

    def _add_lookup(self, lookup: Lookup) -> None:
        if lookup.outcome is Outcome.DENIED:
            key = _origin(lookup.client), lookup.name
            self.denied_names[key] = self.denied_names.get(key, 0) + lookup.count
            return
        client = _client(lookup.client)
        if lookup.first is None or lookup.last is None or client is None:
            return
        end = lookup.last + (lookup.ttl or 0) + _GRACE
        for address in lookup.addresses or ():
            names = self._answers.setdefault((client, address), {})
            span = names.setdefault(lookup.name, [lookup.first, end])
            span[0], span[1] = min(span[0], lookup.first), max(span[1], end)

    def _named(self, kind: Sighting, client: _Client | None, counts: _Counts) -> Sighting:
        if client is None or kind.names:
            return kind
        names = tuple(sorted(self._names_of(client, kind.address, counts)))
        return replace(kind, names=names, joined=bool(names))

    def _names_of(self, client: _Client, address: str, counts: _Counts) -> Iterator[str]:
        first, last = counts.first, counts.last
        for name, (begin, end) in self._answers.get((client, address), {}).items():
            if first is None or last is None or (begin <= last and first <= end):
                yield name


def _passed_over(flow: Flow) -> str:
    """Why a flow is no connection of a workload; empty for one that is."""
    if flow.egress is False:
        return "ingress"
    if flow.reply:
        return "replies"
    if not (flow.source.namespace or flow.source.address):
        return "no source"
    return ""


_Kind = tuple[Any, ...]
"""The fields of a `Sighting` that tell flows apart, in their order."""
_FIELDS = (
    "origin", "names", "names_cut", "address", "entity", "address_set", "namespace", "labels",
    "protocol", "port", "outcome", "policies",
)  # fmt: skip
_ADDRESS, _PEER_LABELS = _FIELDS.index("address"), _FIELDS.index("labels")


def _kind(flow: Flow, origin: Origin) -> _Kind:
    peer = flow.destination
    return (
        origin,
        flow.names if len(flow.names) < 2 else tuple(sorted(flow.names)),  # noqa: PLR2004
        flow.names_cut,
        peer.address,
        peer.entity,
        peer.address_set,
        peer.namespace,
        _labels(peer.labels) if peer.namespace else None,
        flow.protocol,
        flow.port,
        flow.outcome,
        flow.policies,
    )


def _without_address(kind: _Kind) -> _Kind:
    fields = list(kind)
    fields[_ADDRESS], fields[_PEER_LABELS] = "", None
    return tuple(fields)


def _sighting(kind: _Kind) -> Sighting:
    return Sighting(**dict(zip(_FIELDS, kind, strict=True)))


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


def _client(peer: Peer) -> _Client | None:
    if peer.namespace and peer.pod:
        return peer.namespace, peer.pod, ""
    return ("", "", peer.address) if peer.address else None


def _sum(one: _Counts, other: _Counts) -> _Counts:
    seen = dict(one.seen)
    for each, count in other.seen.items():
        seen[each] = seen.get(each, 0) + count
    return _Counts(seen, earliest((one.first, other.first)), latest((one.last, other.last)))


def _counted(kind: Sighting, counts: _Counts) -> Sighting:
    count = next(counts.seen[each] for each in _PREFERRED if each in counts.seen)
    return replace(kind, count=count, first=counts.first, last=counts.last)
