"""What covers one port of one protocol in the policy of a pod."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import Identity, IdentityKind
from transire.engines.cilium.objects.rules import Named, Origin, Parser, Ranges, Tier
from transire.engines.cilium.objects.schema import V20
from transire.engines.cilium.verdicts.name_index import NameIndex
from transire.engines.cilium.verdicts.policy_map import (
    Candidate,
    Entry,
    Filter,
    PolicyMap,
)
from transire.queries.query import Decision

_MOST_SLOTS = 4096
_MOST_IDENTITIES = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Names:
    """Names that may be queried at one resolver on one port, with the rules that allow them."""

    open: Origin | None
    listed: NameIndex[Origin]

    def rule_for(self, name: str) -> Origin | None:
        """The rule that lets a query for a name through, if one does."""
        return self.open or self.listed.exact.get(name) or self.listed.wild(name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Open:
    """An entry that may mean more than is known, since nobody gave what it means."""

    entry: Entry
    missing: str
    """What is not given, as a clause."""
    in_ranges: bool = False
    """Whether it is addresses that may be more, else ports of whom it selects."""
    by_peer: bool = False
    """Whether only destinations count whose named ports are not given."""

    def may_select(self, identity: Identity) -> bool:
        """Whether a destination could be among what is not known."""
        selector = self.entry.selector
        if isinstance(selector, Ranges) and self.in_ranges:
            return selector.covers(identity.place)
        if self.by_peer and identity.ports is not None:
            return False
        return not isinstance(selector, Named) and selector.selects(identity)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slot:
    """What covers one port of one protocol, arranged by how it selects."""

    denials: tuple[Candidate, ...]
    plain: tuple[Candidate, ...]
    """Allowing entries that select by labels or ranges, highest rank first."""
    named: NameIndex[Candidate]
    """Allowing entries for names, highest rank first."""
    undemanding: tuple[Candidate, ...]
    """Allowing entries that no proxy looks after."""
    idle: tuple[Candidate, ...]
    """Entries for a proxy that the agent does not run, which therefore let nothing through."""
    guarded: tuple[Candidate, ...]
    """Entries with TLS server names."""
    requesting: tuple[Candidate, ...]
    """Entries with rules for HTTP requests."""
    passing: tuple[Candidate, ...]
    """Entries that leave the decision to the next tier."""
    open: tuple[Open, ...]
    """Entries that may mean more than is known."""
    seen: dict[Identity | int, tuple[Candidate | None, Candidate | None]] = field(
        default_factory=dict
    )
    """Entries that select, whatever the names, by what identities have in common."""
    decisions: dict[tuple[Identity, int, int, bool], Decision] = field(default_factory=dict)
    """Decisions by identity, port, the entry that decides, and whether its proxy lets all pass."""

    @property
    def has_ranges(self) -> bool:
        """Whether anything selects by address."""
        entries = (*self.denials, *self.plain)
        return any(isinstance(each.entry.selector, Ranges) for each in entries)

    def find(
        self, identity: Identity, names: Collection[str]
    ) -> tuple[Candidate | None, Candidate | None]:
        """The entry that denies a destination, and the one that decides if none does."""
        alike = identity.alike
        found = self.seen.get(alike)
        if found is None:
            found = self._by_identity(identity)
            if len(self.seen) >= _MOST_IDENTITIES:
                self.seen.clear()
            self.seen[alike] = found
        if not names or identity.place is not IdentityKind.WORLD:
            return found
        denied, best = found
        for name in names:
            best = _higher(best, self.by_name(name))
        return denied, best

    def open_beside(
        self, found: Candidate, identity: Identity, names: Iterable[str]
    ) -> Candidate | None:
        """A rule without demands beside one with, which lets the proxy pass everything.

        The proxy consults all rules for its port, and those for every port. One for another range
        of ports comes last, since what that means for the proxy is not modelled.
        """
        plain = [each for each in self.undemanding if _meant(each, identity, names)]
        return min(plain, key=lambda each: not proxied_with(each, found), default=None)

    def passes(self, identity: Identity) -> bool:
        """Whether the decision about a destination is left to the next tier."""
        return any(each.selects(identity) for each in self.passing)

    def takes_server(
        self, found: Candidate, identity: Identity, names: Collection[str], host: str
    ) -> bool:
        """Whether a client may name this TLS server, by any rule that the proxy consults."""
        if not found.entry.server_names:
            return True
        return any(
            each.filter is found.filter
            and _meant(each, identity, names)
            and each.entry.takes_server(host)
            for each in self.guarded
        )

    def judging(
        self, found: Candidate, identity: Identity, names: Collection[str]
    ) -> Iterator[Candidate]:
        """The entries by which the proxy judges a request to a destination."""
        for each in self.requesting:
            if each.filter is found.filter and _meant(each, identity, names):
                yield each

    def missed(self, identity: Identity, names: Iterable[str]) -> Candidate | None:
        """A rule that would let a destination through if its proxy ran."""
        if not self.idle:
            return None
        return next((each for each in self.idle if _meant(each, identity, names)), None)

    def _by_identity(self, identity: Identity) -> tuple[Candidate | None, Candidate | None]:
        def first(candidates: Iterable[Candidate]) -> Candidate | None:
            return next((each for each in candidates if each.selects(identity)), None)

        return first(self.denials), first(self.plain)

    def by_name(self, name: str) -> Candidate | None:
        """The entry of the highest rank that knows a name, if one does."""
        return _higher(self.named.exact.get(name), self.named.wild(name))


def _meant(each: Candidate, identity: Identity, names: Iterable[str]) -> bool:
    selector = each.entry.selector
    if not isinstance(selector, Named):
        return each.selects(identity)
    return identity.place is IdentityKind.WORLD and any(map(selector.pattern.matches, names))


def proxied_with(plain: Candidate, found: Candidate) -> bool:
    """Whether a proxy that one rule brings takes the other into account, as far as is known."""
    return plain.filter is found.filter or plain.filter.is_every


def _higher(one: Candidate | None, other: Candidate | None) -> Candidate | None:
    if one is None or other is None:
        return one or other
    return one if one.rank >= other.rank else other


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Level:
    """The rules of a pod that are evaluated together, before those of the next level."""

    tier: Tier
    policies: PolicyMap
    passing: PolicyMap
    """Rules that leave the decision to the next tier, where no other of the level decides."""
    slots: dict[tuple[int, int, int], Slot] = field(default_factory=dict)

    def holds(self, where: Filter) -> bool:
        """Whether a filter is one of the level."""
        return any(each is where for each in self.policies.filters)

    def slot(self, protocol: int, port: int) -> Slot:
        """What covers a port; ports that are covered alike share it."""
        edges = self.policies.edges, self.passing.edges
        key = protocol, bisect_right(edges[0], port), bisect_right(edges[1], port)
        found = self.slots.get(key)
        if found is None:
            if len(self.slots) >= _MOST_SLOTS:
                self.slots.clear()
            found = _slot(self.policies, self.passing, protocol, port)
            self.slots[key] = found
        return found


def _slot(policies: PolicyMap, passing: PolicyMap, protocol: int, port: int) -> Slot:
    plain: list[Candidate] = []
    denials: list[Candidate] = []
    named: list[tuple[NamePattern, Candidate]] = []
    undemanding = []
    idle = []
    candidates = policies.candidates(protocol, port)
    unresolved = [each for each in policies.unresolved if each.protocol == protocol]
    for each in candidates:
        selector = each.entry.selector
        if not each.entry.deny and each.entry.parser is Parser.NONE:
            undemanding.append(each)
        if each.entry.deny:
            denials.append(each)
        elif not each.entry.running:
            idle.append(each)
        elif isinstance(selector, Named):
            if not each.filter.by_peer:
                named.append((selector.pattern, each))
        else:
            plain.append(each)
    return Slot(
        denials=tuple(denials),
        plain=tuple(plain),
        named=NameIndex.of(named),
        undemanding=tuple(undemanding),
        idle=tuple(idle),
        guarded=tuple(each for each in candidates if each.entry.server_names),
        requesting=tuple(each for each in candidates if each.entry.http),
        passing=passing.candidates(protocol, port),
        open=(*_open_ranges(candidates), *_open_names(unresolved, policies.minor)),
    )


def _open_ranges(candidates: Iterable[Candidate]) -> Iterator[Open]:
    for each in candidates:
        selector = each.entry.selector
        if isinstance(selector, Ranges) and selector.missing:
            yield Open(entry=each.entry, missing=selector.missing, in_ranges=True)


def _open_names(unresolved: Iterable[Filter], minor: int) -> Iterator[Open]:
    for each in unresolved:
        missing = f"which number the port named {each.name} has is not given"
        for entry in each.entries.values():
            yield Open(entry=entry, missing=missing, by_peer=minor >= V20)


def names_at(where: Filter, resolver: Identity) -> Names:
    """The names that the DNS proxy lets through to a resolver, by the rules of one filter."""
    listed: list[tuple[NamePattern, Origin]] = []
    open_: Origin | None = None
    for entry in where.entries.values():
        if entry.deny or isinstance(entry.selector, Named) or not entry.selector.selects(resolver):
            continue
        open_ = open_ or entry.open_names
        listed += entry.names
    return Names(open=open_, listed=NameIndex.of(listed))
