"""Hosts in Cilium's grammar, by version.

Sources: Cilium's `pkg/fqdn/matchpattern`, `pkg/policy/api` and the CRDs of each line. `*` stands
for zero or more characters of one label in every version; a leading `**.` is one label up to 1.18,
silently, and one or more since 1.19. Server names take a leading `*.` or `**.` since 1.18 and any
star since 1.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.engines.api import proposals
from transire.engines.api.refusal import Refusal
from transire.engines.cilium.facts import (
    ANY_DEPTH_SINCE,
    SERVER_NAME_PARTS_SINCE,
    SERVER_NAME_WILDCARDS_SINCE,
    server_name_kinds,
)
from transire.engines.lowering.builder import LoweredBuilder, accepts
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.host_limits import host_limit
from transire.engines.lowering.scope import Scope
from transire.meaning.hosts import Wildcards
from transire.meaning.target import Approximated
from transire.model.engine import Release
from transire.model.intent import Approximation, Cluster, Rule
from transire.model.names import MAX_NAME, HostKind, HostPattern

DEPTHS = 4
"""How many labels a `**` stands for at most where it is narrowed."""

_ANY_DEPTH = "**."


def selectors(patterns: Iterable[str]) -> list[Item]:
    """The patterns as `toFQDNs` and `rules.dns` list them, sorted, each once."""
    return [
        {"matchPattern" if "*" in text else "matchName": text} for text in sorted(set(patterns))
    ]


def to_patterns(pattern: HostPattern, release: Release) -> tuple[str, ...]:
    """The pattern as this version writes it; other than the pattern alone only where narrowed.

    A depth that no name of legal length can have is left out.
    """
    if not pattern.text.startswith(_ANY_DEPTH) or release.at_least(ANY_DEPTH_SINCE):
        return (pattern.text,)
    rest = pattern.text.removeprefix(_ANY_DEPTH)
    deep = ("*." * depth + rest for depth in range(1, DEPTHS + 1))
    return tuple(text for text in deep if len(text) <= MAX_NAME)


def as_read(pattern: HostPattern, release: Release) -> tuple[HostPattern, ...]:
    """What the hosts are that this version is given for the pattern."""
    return tuple(HostPattern(text) for text in to_patterns(pattern, release))


def approximation(pattern: HostPattern, rule: str, release: Release) -> Approximated | None:
    """How the pattern is narrowed, or None where it is exact."""
    if not pattern.text.startswith(_ANY_DEPTH) or release.at_least(ANY_DEPTH_SINCE):
        return None
    rest = HostPattern.parse(pattern.text.removeprefix(_ANY_DEPTH))
    deeper = [chr(ord("a") + depth) for depth in range(DEPTHS + 1)]
    return Approximated(
        rule=rule,
        how=Approximation.NARROW,
        written=pattern.text,
        became=to_patterns(pattern, release),
        example=".".join((*deeper, rest.example())),
    )


def expressible_hosts(rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[HostPattern]:
    """The hosts of the rule that this version can express; the others are refused."""
    found = []
    for host in rule.hosts:
        limit = host_limit(host.pattern, scope.cluster)
        fault = limit or pattern_fault(host.pattern, rule, scope.cluster)
        if fault:
            builder.refuse_rule(rule, host.at, fault)
        else:
            found.append(host.pattern)
    return found


def pattern_fault(pattern: HostPattern, rule: Rule, cluster: Cluster) -> Refusal | None:
    """Why this version cannot express the host, without consent of the rule or the cluster."""
    narrow = approximation(pattern, rule.name, cluster.release)
    if narrow is not None and not accepts(rule, narrow.how, cluster):
        return Refusal(
            id="host-not-expressible",
            why=f"{pattern.shown} is any depth, and before {ANY_DEPTH_SINCE} cilium takes ** for "
            "one label",
            remedy="accept depths 1 to 4 with approximate: [narrow] on the rule, name the hosts, "
            f"or use cilium {ANY_DEPTH_SINCE}",
            proposal=proposals.narrowed(rule),
        )
    return None


def checked_hosts(
    rule: Rule, scope: Scope, builder: LoweredBuilder
) -> tuple[list[HostPattern], list[HostPattern]]:
    """The hosts of the rule whose server names 443/TCP checks, and those where it takes any.

    Refuses hosts that this version cannot write as server names, unless the cluster leaves that
    open.
    """
    cluster = scope.cluster
    strict, open_ = [], []
    for host in rule.hosts:
        fault = _server_name_fault(host.pattern, cluster.release)
        if fault and cluster.server_names_optional:
            open_.append(host.pattern)
            builder.remark(rule.name, "server-name-not-written", _unwritten(host.pattern, cluster))
            continue
        if fault:
            builder.refuse_rule(rule, host.at, fault)
        strict.append(host.pattern)
    return strict, open_


def _unwritten(pattern: HostPattern, cluster: Cluster) -> str:
    return (
        f"{cluster.release} cannot write {pattern.shown} as a server name, so none is checked for "
        f"it on 443/TCP, and other hosts on the same addresses are reachable there"
    )


def _server_name_fault(pattern: HostPattern, release: Release) -> Refusal | None:
    if pattern.kind in server_name_kinds(release):
        return None
    if pattern.kind is HostKind.PARTIAL:
        since = SERVER_NAME_PARTS_SINCE
        why = f"before {since} cilium takes only *. and **. before a whole name there"
    elif not release.at_least(SERVER_NAME_WILDCARDS_SINCE):
        since = SERVER_NAME_WILDCARDS_SINCE
        why = f"cilium takes no wildcard there before {since}"
    else:
        since = ANY_DEPTH_SINCE
        why = f"before {since} it would stand for more depths there than its hosts have"
    return Refusal(
        id="server-name-not-expressible",
        why=f"hardening sni needs {pattern.shown} as a server name for 443/TCP, and {why}",
        remedy=f"name the hosts, use cilium {since}, or have the platform team decide whether "
        "hardening of the cluster is sni-optional",
    )


def overlapping(rules: Sequence[Rule]) -> list[tuple[Rule, str, str]]:
    """Exact hosts that a wildcard of any of the rules covers: rule, host and wildcard."""
    wildcards = Wildcards.of(host.pattern for rule in rules for host in rule.hosts)
    return [
        (rule, host.pattern.text, wildcard.text)
        for rule in rules
        for host in rule.hosts
        if host.pattern.kind is HostKind.EXACT
        for wildcard in wildcards.matching(host.pattern.text)
    ]
