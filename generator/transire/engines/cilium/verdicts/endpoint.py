"""One pod with the policy that its agent computed for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from transire.engines.cilium.objects.agent import Agent, Enforcement
from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import Identity, Place
from transire.engines.cilium.objects.rules import Named, Origin, Parser, Ranges, Rule
from transire.engines.cilium.objects.schema import V16, V20
from transire.engines.cilium.verdicts.name_index import NameIndex
from transire.engines.cilium.verdicts.named_ports import NamedPorts
from transire.engines.cilium.verdicts.policy_map import (
    Candidate,
    Conflict,
    Entry,
    Filter,
    PolicyMap,
    policy_map,
)
from transire.k8s.unmodelled import Unmodelled
from transire.queries.query import Caveat, Decision

_MOST_SLOTS = 4096
_MOST_IDENTITIES = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Names:
    """Names that may be asked of one resolver on one port, with the rules that say so."""

    open: Origin | None
    listed: NameIndex[Origin]

    def rule_for(self, name: str) -> Origin | None:
        """The rule that lets a question for a name through, if one does."""
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
    open: tuple[Open, ...]
    """Entries that may mean more than is known."""
    seen: dict[Identity | int, tuple[Candidate | None, Candidate | None]] = field(
        default_factory=dict
    )
    """Entries that select, whatever the names, by what identities have in common."""
    told: dict[tuple[Identity, int, int, bool], Decision] = field(default_factory=dict)
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
        if not names or identity.place is not Place.WORLD:
            return found
        denied, best = found
        for name in names:
            best = _higher(best, self.by_name(name))
        return denied, best

    def open_beside(
        self, found: Candidate, identity: Identity, names: Iterable[str]
    ) -> Candidate | None:
        """A rule without demands beside one with, which lets the proxy pass everything.

        The proxy asks all rules for its port, and those for every port. One for another range of
        ports comes last, since what that means for the proxy is not modelled.
        """
        plain = [each for each in self.undemanding if _meant(each, identity, names)]
        return min(plain, key=lambda each: not proxied_with(each, found), default=None)

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
    return identity.place is Place.WORLD and any(map(selector.pattern.matches, names))


def proxied_with(plain: Candidate, found: Candidate) -> bool:
    """Whether a proxy that one rule brings takes the other into account, as far as is known."""
    return plain.filter is found.filter or plain.filter.is_every


def _higher(one: Candidate | None, other: Candidate | None) -> Candidate | None:
    if one is None or other is None:
        return one or other
    return one if one.rank >= other.rank else other


NOTHING = PolicyMap(filters=(), minor=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endpoint:
    """The policy of one pod."""

    policies: PolicyMap = NOTHING
    policed: bool = True
    """Otherwise everything is let through, and `policies` is empty."""
    default_deny: bool = True
    """Otherwise whatever no rule covers is let through."""
    entry: Unmodelled | None = None
    conflict: Conflict | None = None
    caveats: tuple[Caveat, ...] = ()
    """What to know beside every verdict."""
    slots: dict[tuple[int, int], Slot] = field(default_factory=dict)
    names: dict[tuple[int, Identity], Names] = field(default_factory=dict)

    def slot(self, protocol: int, port: int) -> Slot:
        """What covers a port; ports that are covered alike share it."""
        key = protocol, bisect_right(self.policies.edges, port)
        found = self.slots.get(key)
        if found is None:
            if len(self.slots) >= _MOST_SLOTS:
                self.slots.clear()
                self.names.clear()
            found = _slot(self.policies, protocol, port)
            self.slots[key] = found
        return found

    def askable(self, where: Filter, resolver: Identity) -> Names:
        """The names that the proxy lets through to a resolver.

        Every rule for exactly this port and protocol counts whose selector has the resolver, one
        without DNS rules for all names.
        """
        key = id(where), resolver
        found = self.names.get(key)
        if found is None:
            found = _names(where, resolver)
            if len(self.names) >= _MOST_IDENTITIES:
                self.names.clear()
            self.names[key] = found
        return found


def _slot(policies: PolicyMap, protocol: int, port: int) -> Slot:
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


def _names(where: Filter, resolver: Identity) -> Names:
    listed: list[tuple[NamePattern, Origin]] = []
    open_: Origin | None = None
    for entry in where.entries.values():
        if entry.deny or isinstance(entry.selector, Named) or not entry.selector.selects(resolver):
            continue
        open_ = open_ or entry.open_names
        listed += entry.names
    return Names(open=open_, listed=NameIndex.of(listed))


def endpoint_of(
    identity: Identity, rules: Iterable[Rule], agent: Agent, named: NamedPorts
) -> Endpoint:
    """The policy that the agent computes for a pod.

    Source: `computePolicyEnforcementAndRules` in `pkg/policy/repository.go`.
    """
    if agent.enforcement is Enforcement.NEVER:
        return Endpoint(policed=False)
    mine = [rule for rule in rules if rule.subject.selects(identity)]
    entry = next((rule.entry for rule in mine if rule.entry), None)
    if entry:
        return Endpoint(policed=False, entry=entry)
    if not mine and agent.enforcement is Enforcement.DEFAULT:
        return Endpoint(policed=False)
    default_deny = agent.enforcement is Enforcement.ALWAYS or any(
        rule.default_deny for rule in mine
    )
    try:
        policies = policy_map(mine, minor=agent.minor, named=named, lax=not default_deny)
    except Conflict as conflict:
        return Endpoint(policed=False, conflict=conflict)
    origin = _overwritten(policies)
    if origin:
        entry = Unmodelled(object=origin.object, key=origin.rule, why=OVERWRITTEN)
        return Endpoint(policed=False, entry=entry)
    caveats = dict.fromkeys(caveat for rule in mine for caveat in rule.caveats)
    return Endpoint(policies=policies, default_deny=default_deny, caveats=tuple(caveats))


OVERWRITTEN = "before 1.16 DNS rules for one port over UDP and TCP overwrite each other"
"""Source: `perEPAllow` in `pkg/fqdn/dnsproxy`, which had a port for a key and no protocol."""


def _overwritten(policies: PolicyMap) -> Origin | None:
    """A rule whose list of names the proxy may hold another one for."""
    if policies.minor >= V16:
        return None
    known: dict[int, set[tuple[object, ...]]] = {}
    for each in policies.filters:
        proxied = [entry for entry in each.entries.values() if entry.parser is Parser.DNS]
        if proxied and each.first:
            said: set[tuple[object, ...]] = {
                (
                    entry.selector,
                    entry.open_names is None,
                    *sorted(name.key for name, _ in entry.names),
                )
                for entry in each.entries.values()
            }
            if known.setdefault(each.first, said) != said:
                return proxied[0].origins[0]
    return None
