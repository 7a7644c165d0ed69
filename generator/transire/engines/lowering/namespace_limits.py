"""Rules for everyone that hold in some of a baseline's namespaces alone."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from transire.engines.lowering.scope import Scope
from transire.model.intent import Rule


def limit(scope: Scope, rules: Iterable[Rule]) -> tuple[str, ...]:
    """The namespaces in which any of the rules holds, sorted; empty where that is all of them."""
    found: set[str] = set()
    for rule in rules:
        if rule.namespaces is None:
            return ()
        found |= rule.namespaces
    held = tuple(each for each in scope.namespaces if each in found)
    return () if held == scope.namespaces else held


def by_namespaces(scope: Scope) -> tuple[tuple[tuple[str, ...], tuple[Rule, ...]], ...]:
    """The rules whose hosts may be queried, by the namespaces that they hold in, all of them first.

    A target has one entry, also without rules; so has half a baseline whose rules hold everywhere.
    """
    found: dict[tuple[str, ...], list[Rule]] = {(): []} if scope.with_dns else {}
    for rule in scope.resolving:
        found.setdefault(limit(scope, [rule]), []).append(rule)
    return tuple((namespaces, tuple(found[namespaces])) for namespaces in sorted(found))


def stem_of(namespaces: tuple[str, ...]) -> str:
    """What tells objects for some namespaces from those for others; nothing for all of them."""
    if not namespaces:
        return ""
    return f"-in-{sha256(' '.join(namespaces).encode()).hexdigest()[:8]}"
