"""Hosts that would be written with server names and without, for pods that two rules select.

What several rules write for one pattern of `toFQDNs` and one port is merged, and where any of them
lists server names, every connection needs one that is listed: the rule without them would be
narrowed in silence.
Source: Cilium's `pkg/policy`, merging of policies for one selector.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.refusal import Refusal
from transire.engines.cilium.facts import server_name_kinds
from transire.engines.cilium.lower.hosts import to_patterns
from transire.engines.cilium.lower.ports import HTTPS
from transire.engines.lowering.scope import Scope
from transire.model.intent import Rule

_Texts = tuple[frozenset[str], frozenset[str]]
"""Patterns with server names on 443/TCP, and those without."""


def both_ways(rule: Rule, scope: Scope) -> Iterator[Refusal]:
    """Why the rule and another, or itself, cannot be written; each pair of rules once."""
    if not (scope.server_names and scope.cluster.server_names_optional):
        return
    strict, loose = _texts(rule, scope)
    for other in scope.resolving:
        if not _may_meet(rule, other):
            continue
        strict_there, loose_there = _texts(other, scope)
        narrowed = loose & strict_there
        if narrowed:
            yield _refusal(min(narrowed), other, rule)
        elif other not in scope.rules and strict & loose_there:
            yield _refusal(min(strict & loose_there), rule, other)


def _texts(rule: Rule, scope: Scope) -> _Texts:
    release, strict, loose = scope.cluster.release, set[str](), set[str]()
    kinds = server_name_kinds(release)
    for part in rule.parts:
        if any(each.covers(HTTPS) for each in part.ports):
            for host in part.hosts:
                checked = rule.server_names and host.pattern.kind in kinds
                (strict if checked else loose).update(to_patterns(host.pattern, release))
    return frozenset(strict), frozenset(loose)


def _may_meet(rule: Rule, other: Rule) -> bool:
    return any(one.may_meet(another) for one in rule.sources for another in other.sources)


def _refusal(text: str, strict: Rule, loose: Rule) -> Refusal:
    both = f"in rule {strict.name!r} and without in rule {loose.name!r}"
    if strict.source == loose.source:
        both = "for one of its hosts and without for another"
    return Refusal(
        id="server-names-both-ways",
        why=f"{text} would be written with server names {both}, and cilium then checks them in "
        "both",
        remedy="write serverNames alike in both rules, or write them for pods that differ by a "
        "label",
    )
