"""The names that pods may query where `dns.restrict` is on.

A pod may query the hosts of the rules that select it, those of the rules for everyone that select
it, every name below the cluster domain, and each of these hosts with each search suffix of the
cluster, because a resolver library tries them all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transire.model.intent import Cluster, Rule
from transire.model.names import MAX_NAME, HostPattern, shorten
from transire.model.pod_selector import PodSelector

_SLUG_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryableName:
    """A pattern that may be queried, and the rule that needs it; None for the cluster's own."""

    pattern: HostPattern
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryGroup:
    """What the selected pods may query, sorted; those that match several may query all."""

    stem: str
    """The end of the object's name."""
    selector: PodSelector
    names: tuple[QueryableName, ...]


def queryable_names(
    rules: Iterable[Rule], cluster: Cluster, namespaces: Sequence[str]
) -> tuple[QueryGroup, ...]:
    """What may be queried in these namespaces, first by every pod, then by selectors, sorted."""
    every = PodSelector()
    by_selector: dict[PodSelector, dict[HostPattern, Rule | None]] = {every: {_own(cluster): None}}
    for rule in sorted(rules, key=lambda each: (each.name, each.source)):
        for host in rule.hosts:
            for pattern in _with_suffixes(host.pattern, cluster, namespaces):
                for selector in rule.sources:
                    by_selector.setdefault(selector, {}).setdefault(pattern, rule)
    return tuple(
        QueryGroup(
            stem=_stem(selector),
            selector=selector,
            names=tuple(
                QueryableName(pattern=pattern, rule=names[pattern]) for pattern in sorted(names)
            ),
        )
        for selector, names in sorted(by_selector.items(), key=lambda item: item[0])
    )


def search_suffixes(cluster: Cluster, namespaces: Sequence[str]) -> tuple[str, ...]:
    """What a resolver library appends to a short name, in the order of a pod's resolv.conf."""
    domain = cluster.network.domain
    own = (*(f"{each}.svc.{domain}" for each in namespaces), f"svc.{domain}", domain)
    return tuple(dict.fromkeys((*own, *cluster.dns.search)))


def _own(cluster: Cluster) -> HostPattern:
    return HostPattern.parse(f"**.{cluster.network.domain}")


def _with_suffixes(
    pattern: HostPattern, cluster: Cluster, namespaces: Sequence[str]
) -> Iterable[HostPattern]:
    """The host alone and with each suffix; longer names than a resolver takes are left out."""
    yield pattern
    for suffix in search_suffixes(cluster, namespaces):
        text = f"{pattern.text}.{suffix}"
        if len(text) <= MAX_NAME:
            yield HostPattern.parse(text)


def _stem(selector: PodSelector) -> str:
    """`dns`, or one that no other selector has: a readable part and a hash of all of it."""
    if not selector:
        return "dns"
    written = str(selector)
    slug = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")
    digest = hashlib.sha256(written.encode()).hexdigest()[:10]
    return f"dns-{shorten(slug, _SLUG_LENGTH)}-{digest}"
