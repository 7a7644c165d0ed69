"""The rules that select one pod, merged and looked up as the agent and the kernel do.

Source: `addL4Filter` and `mergePortProto` in `pkg/policy/l4.go`, `lookup` in
`pkg/policy/mapstate.go`. Rules for one port and protocol share a filter; in it each selector has
one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import ANY, RESERVED, Identity
from transire.engines.cilium.objects.ports import plain_number
from transire.engines.cilium.objects.rules import (
    EVERYONE,
    L7,
    NO_PROXY,
    CiliumRule,
    Named,
    Origin,
    Parser,
    Port,
    Proxy,
    Selector,
)
from transire.engines.cilium.objects.schema import V17, V18, V20
from transire.engines.cilium.objects.selectors import Labelled
from transire.engines.cilium.verdicts.named_ports import NamedPorts

ALL_PROTOCOLS = 0
_PORT_BITS = 16
_PROTOCOL_BITS = 8


class Conflict(Exception):  # noqa: N818 - what the agent calls it
    """Two rules that the agent cannot merge, so that it computes no policy for the pod."""

    def __init__(self, origins: Iterable[Origin], why: str) -> None:
        self.origins, self.why = tuple(origins), why
        super().__init__(why)


@dataclass(slots=True, kw_only=True)
class Entry:
    """What all rules together hold for one selector on one port."""

    selector: Selector
    deny: bool
    proxy: Proxy
    origins: list[Origin]
    names: list[tuple[NamePattern, Origin]]
    """Names that may be queried, where the parser is DNS."""
    open_names: Origin | None
    """The rule that lets every name through, if one does."""
    server_names: dict[str, NamePattern]
    http: list[L7]
    open_http: bool
    running: bool
    """Whether the agent has the proxy that is required, if any is."""
    has_rules: bool
    """Whether there is more to look at than server names."""
    contexts: Mapping[str, str]
    """The secrets that a proxy takes part in TLS with, by the field that names them."""

    @property
    def parser(self) -> Parser:
        """What reads the content."""
        return self.proxy.parser

    def takes_server(self, host: str) -> bool:
        """Whether a client may name this TLS server, as far as server names decide."""
        names = self.server_names.values()
        return not names or any(each.matches(host) for each in names)

    def merge(self, other: Entry) -> None:
        """Take what another rule holds for the same selector.

        L7 rules that come after server names are no conflict, those that are there before are
        (`mergePortProto` in `pkg/policy/rule.go`).

        Raises:
            Conflict: if the agent could not.
        """
        if self.deny or other.deny:
            if other.deny and not self.deny:
                self.deny, self.origins = True, []
            if other.deny:
                self.origins += other.origins
            return
        self.proxy = _merged(self.proxy, other.proxy, [*self.origins, *other.origins])
        self.origins += other.origins
        self.names += other.names
        self.open_names = self.open_names or other.open_names
        self.server_names |= other.server_names
        self.http += other.http
        self.open_http = self.open_http or other.open_http
        self.running = self.running and other.running
        if {**other.contexts, **self.contexts} != {**self.contexts, **other.contexts}:
            raise Conflict(self.origins, "different TLS contexts meet on one port")
        self.contexts = {**self.contexts, **other.contexts}
        if self.server_names and self.has_rules and "terminatingTLS" not in self.contexts:
            raise Conflict(self.origins, "server names and other L7 rules meet on one port")
        self.has_rules = self.has_rules or other.has_rules


def _merged(one: Proxy, other: Proxy, origins: list[Origin]) -> Proxy:
    both, parsers = (one, other), {one.parser, other.parser}
    if one == other or Parser.NONE in parsers:
        return max(both, key=_rank)
    if parsers == {Parser.LISTENER} and one.rank != other.rank:
        return max(both, key=_rank)
    if Parser.TLS in parsers and not parsers & {Parser.DNS, Parser.LISTENER}:
        return max(both, key=_rank)
    named = " and ".join(sorted(map(str, both)))
    raise Conflict(origins, f"rules for {named} meet on one port")


def _rank(proxy: Proxy) -> int:
    return proxy.rank


def _entry(rule: CiliumRule, selector: Selector, l7: L7 | None, *, lax: bool) -> Entry:
    names = l7.names if l7 else ()
    return Entry(
        selector=selector,
        deny=rule.deny,
        proxy=l7.proxy if l7 and not rule.deny else NO_PROXY,
        origins=[rule.origin],
        names=[(name, rule.origin) for name in names],
        open_names=rule.origin if lax or not names else None,
        server_names={each.key: each for each in l7.server_names} if l7 else {},
        http=[l7] if l7 and l7.http else [],
        open_http=lax or not (l7 and l7.http),
        running=l7.running if l7 and not rule.deny else True,
        has_rules=l7.has_rules if l7 else False,
        contexts=l7.contexts if l7 else {},
    )


@dataclass(slots=True, kw_only=True)
class Filter:
    """All entries for one port, or one range of ports, of one protocol."""

    protocol: int
    first: int
    last: int
    name: str
    by_peer: bool = False
    """Whether only destinations count whose port of the name has the number `first`."""
    entries: dict[Selector, Entry] = field(default_factory=dict)
    proxy: Proxy = NO_PROXY

    @property
    def is_every(self) -> bool:
        """Whether it covers every port of what it is for."""
        return not (self.first or self.last or self.name)

    @property
    def is_random(self) -> bool:
        """Whether the DNS proxy and another one are to share what has one proxy.

        Redirects are kept by port and listener, so the first of them in a map without order counts
        (`addNewRedirects` in `pkg/endpoint/bpf.go`).
        """
        parsers = {each.parser for each in self.entries.values()}
        return Parser.DNS in parsers and bool(parsers - {Parser.DNS, Parser.NONE, Parser.LISTENER})

    def add(self, entry: Entry, minor: int) -> None:
        """Merge an entry in.

        Raises:
            Conflict: if the agent could not; before 1.18 parsers may not even differ by selector.
        """
        if minor < V18 and not entry.deny:
            origins = [origin for each in self.entries.values() for origin in each.origins]
            kind = entry.proxy
            if kind.parser is Parser.LISTENER:
                kind = Proxy(parser=kind.parser)
            self.proxy = _merged(self.proxy, kind, [*origins, *entry.origins])
        known = self.entries.get(entry.selector)
        if known is None:
            self.entries[entry.selector] = entry
        else:
            known.merge(entry)

    def depth(self, protocol: int, port: int) -> int | None:
        """How closely the filter covers a port, or None if it does not.

        A range is kept as aligned blocks, so it is as close as the block around the port.
        """
        if self.protocol == ALL_PROTOCOLS:
            return 0
        if self.protocol != protocol:
            return None
        if self.is_every:
            return _PROTOCOL_BITS
        last = max(self.first, self.last)
        if not self.first <= port <= last:
            return None
        return _PROTOCOL_BITS + _PORT_BITS - self._bits(port, last)

    def edges(self) -> Iterator[int]:
        """Where another depth begins."""
        if self.protocol != ALL_PROTOCOLS and not self.is_every:
            last = max(self.first, self.last)
            port = self.first
            while port <= last:
                yield port
                port += 1 << self._bits(port, last)
            yield port

    def _bits(self, port: int, last: int) -> int:
        """The size of the aligned block around a port, as the number of bits left open."""
        bits = 0
        while bits < _PORT_BITS:
            start = port >> (bits + 1) << (bits + 1)
            if start < self.first or start + (2 << bits) - 1 > last:
                break
            bits += 1
        return bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that covers a port; of those that select a destination the highest rank wins."""

    rank: tuple[int, int, int]
    entry: Entry
    filter: Filter

    def selects(self, identity: Identity) -> bool:
        """Whether a destination is selected, whatever has been learnt of it."""
        where, own = self.filter, self.selects_itself(identity)
        if where.by_peer:
            key = where.name, where.protocol
            return own and (identity.ports or {}).get(key) == where.first
        return own or self._selects_aggregate(identity)

    def selects_itself(self, identity: Identity) -> bool:
        """Whether a destination has what is demanded, other than by what it is looked up as too."""
        selector = self.entry.selector
        return not isinstance(selector, Named) and selector.selects(identity)

    def _selects_aggregate(self, identity: Identity) -> bool:
        """Whether the identity is selected that stands for the destination in the second look.

        Its one label is its name, so that a selector which a missing label satisfies has it.
        Source: `aggregateFor` in `pkg/policy/aggregate.go`.
        """
        selector = self.entry.selector
        if not identity.aggregate or not isinstance(selector, Labelled):
            return False
        seen = {identity.aggregate: ""}
        return all(
            each.takes(seen.get(each.key) if each.source in {ANY, RESERVED} else None)
            for each in selector.demands
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMap:
    """The filters of one pod."""

    filters: tuple[Filter, ...]
    minor: int
    unresolved: tuple[Filter, ...] = ()
    """Those of named ports whose number, or one of whose numbers, nobody gave."""
    edges: tuple[int, ...] = field(init=False, repr=False)
    """Ports between two of these are covered alike."""

    def __post_init__(self) -> None:
        """Find the ports at which something changes."""
        edges = sorted({edge for each in self.filters for edge in each.edges()})
        object.__setattr__(self, "edges", tuple(edges))

    def candidates(self, protocol: int, port: int) -> tuple[Candidate, ...]:
        """What covers a port, denials first, then from the highest rank down.

        From 1.17 a redirect beats a plain rule however close either is; before, closeness counts
        first. An entry for everyone loses against one that names the destination.
        """
        found = []
        for each in self.filters:
            depth = each.depth(protocol, port)
            if depth is None:
                continue
            for entry in each.entries.values():
                named = int(entry.selector != EVERYONE or each.by_peer)
                proxy = entry.proxy.rank
                rank = (proxy, depth, named) if self.minor >= V17 else (depth, proxy, named)
                found.append(Candidate(rank=rank, entry=entry, filter=each))
        found.sort(key=lambda each: (each.entry.deny, each.rank), reverse=True)
        return tuple(found)


def policy_map(
    rules: Iterable[CiliumRule], *, minor: int, named: NamedPorts, lax: bool
) -> PolicyMap:
    """The filters that the rules for one pod make.

    With `lax` no rule denies by default, so that from 1.18 L7 rules let everything through.

    Raises:
        Conflict: if two rules cannot be merged.
    """
    filters: dict[tuple[object, ...], Filter] = {}
    lax = lax and minor >= V18
    for rule in rules:
        if rule.peers is None:
            continue
        if rule.groups is None:
            everything = Port(protocol=ALL_PROTOCOLS, text="0")
            _add(filters, rule, rule.peers, everything, None, minor=minor, lax=lax)
            continue
        peers = rule.peers or (EVERYONE,)
        for group in rule.groups:
            for port in group.ports:
                _add(filters, rule, peers, port, group.l7, minor=minor, lax=lax)
    return PolicyMap(
        filters=tuple(
            found for each in filters.values() for found in _resolved(each, named, minor)
        ),
        minor=minor,
        unresolved=tuple(each for each in filters.values() if _is_open(each, named, minor)),
    )


def _add(
    filters: dict[tuple[object, ...], Filter],
    rule: CiliumRule,
    peers: tuple[Selector, ...],
    port: Port,
    l7: L7 | None,
    *,
    minor: int,
    lax: bool,
) -> None:
    if not peers:
        return
    key = place_of(port, minor)
    found = filters.get(key)
    if found is None:
        found = Filter(protocol=port.protocol, first=port.first, last=port.last, name=port.name)
        filters[key] = found
    for selector in peers:
        found.add(_entry(rule, selector, l7, lax=lax), minor)


def place_of(port: Port, minor: int) -> tuple[object, ...]:
    """What rules must have in common to share a filter."""
    if port.name:
        return port.protocol, port.name
    return port.protocol, plain_number(port.text, minor), port.last


def _resolved(found: Filter, named: NamedPorts, minor: int) -> Iterator[Filter]:
    """The filter with its number; one for each number that pods give a name since 1.20."""
    key = found.name, found.protocol
    if not found.name:
        yield found
    elif minor >= V20:
        for number in sorted(named.numbers.get(key, ())):
            yield replace(found, first=number, last=0, by_peer=True)
    elif key in named.agreed:
        yield replace(found, first=named.agreed[key], last=0)


def _is_open(found: Filter, named: NamedPorts, minor: int) -> bool:
    """Whether a named port may have further numbers: of pods that nobody gave."""
    if not found.name:
        return False
    key = found.name, found.protocol
    return minor >= V20 or (not named.is_complete and key not in named.agreed)
