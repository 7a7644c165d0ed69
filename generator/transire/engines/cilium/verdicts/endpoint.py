"""One pod with the policy that its agent computed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from transire.engines.cilium.objects.agent import Agent, Enforcement
from transire.engines.cilium.objects.identity import Identity
from transire.engines.cilium.objects.rules import CiliumRule, Origin, Parser, Tier
from transire.engines.cilium.objects.schema import V16
from transire.engines.cilium.verdicts.named_ports import NamedPorts
from transire.engines.cilium.verdicts.policy_map import (
    Candidate,
    Conflict,
    Filter,
    PolicyMap,
    policy_map,
)
from transire.engines.cilium.verdicts.slot import Level, Names, Slot, names_at
from transire.k8s.unmodelled import Unmodelled
from transire.queries.query import Caveat, Decision

_MOST_IDENTITIES = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endpoint:
    """The policy of one pod."""

    levels: tuple[Level, ...] = ()
    """In the order in which they are evaluated."""
    policed: bool = True
    """Otherwise everything is let through, and there are no levels."""
    default_deny: bool = True
    """Otherwise whatever no rule covers is let through."""
    entry: Unmodelled | None = None
    conflict: Conflict | None = None
    caveats: tuple[Caveat, ...] = ()
    """What to know beside every verdict."""
    decisions: dict[tuple[Identity, int, int], Decision] = field(default_factory=dict)
    """Decisions where no rule decides, by identity, protocol and port."""
    names: dict[tuple[int, Identity], Names] = field(default_factory=dict)

    def slots(self, protocol: int, port: int) -> Iterator[Slot]:
        """What covers a port, level by level."""
        return (each.slot(protocol, port) for each in self.levels)

    def slot_of(self, found: Candidate, protocol: int, port: int) -> Slot:
        """What covers a port on the level of an entry."""
        level = next(each for each in self.levels if each.holds(found.filter))
        return level.slot(protocol, port)

    def queryable(self, where: Filter, resolver: Identity) -> Names:
        """The names that the proxy lets through to a resolver.

        Every rule for exactly this port and protocol counts whose selector has the resolver, one
        without DNS rules for all names.
        """
        key = id(where), resolver
        found = self.names.get(key)
        if found is None:
            found = names_at(where, resolver)
            if len(self.names) >= _MOST_IDENTITIES:
                self.names.clear()
            self.names[key] = found
        return found


def endpoint_of(
    identity: Identity, rules: Iterable[CiliumRule], agent: Agent, named: NamedPorts
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
        levels = tuple(_levels(mine, agent.minor, named, lax=not default_deny))
    except Conflict as conflict:
        return Endpoint(policed=False, conflict=conflict)
    origins = (_overwritten(each.policies) for each in levels)
    origin = next(filter(None, origins), None)
    if origin:
        entry = Unmodelled(object=origin.object, key=origin.rule, why=OVERWRITTEN)
        return Endpoint(policed=False, entry=entry)
    caveats = dict.fromkeys(caveat for rule in mine for caveat in rule.caveats)
    return Endpoint(levels=levels, default_deny=default_deny, caveats=tuple(caveats))


def _levels(
    rules: Iterable[CiliumRule], minor: int, named: NamedPorts, *, lax: bool
) -> Iterator[Level]:
    """The rules by tier and priority.

    Raises:
        Conflict: if two rules of a level cannot be merged.
    """
    found: dict[tuple[Tier, int], list[CiliumRule]] = {}
    for rule in rules:
        found.setdefault((rule.tier, rule.priority), []).append(rule)
    for (tier, _), level in sorted(found.items(), key=lambda each: each[0]):
        deciding = [rule for rule in level if not rule.passes]
        passing = [rule for rule in level if rule.passes]
        yield Level(
            tier=tier,
            policies=policy_map(deciding, minor=minor, named=named, lax=lax),
            passing=policy_map(passing, minor=minor, named=named, lax=False),
        )


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
            content: set[tuple[object, ...]] = {
                (
                    entry.selector,
                    entry.open_names is None,
                    *sorted(name.key for name, _ in entry.names),
                )
                for entry in each.entries.values()
            }
            if known.setdefault(each.first, content) != content:
                return proxied[0].origins[0]
    return None
