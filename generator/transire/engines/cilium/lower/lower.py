"""Intent as Cilium expresses it, 1.14 to 1.20: values of the charts, or why not.

Each item of a rule has one kind of destination and never an empty list, since a non-nil empty
`toFQDNs` beside ports opens them to everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.engines.api import proposals
from transire.engines.api.refusal import Refusal
from transire.engines.cilium.facts import CAPABILITIES, RELEASES, traits
from transire.engines.cilium.lower.agent_flags import audit_faults, flag, flag_faults, sees_dns
from transire.engines.cilium.lower.dns import (
    by_name_faults,
    depth_fault,
    queries,
    restriction_faults,
)
from transire.engines.cilium.lower.hosts import (
    approximation,
    checked_hosts,
    expressible_hosts,
    overlapping,
    pattern_fault,
    selectors,
    to_patterns,
)
from transire.engines.cilium.lower.http import http_fault, meets_requests, requests
from transire.engines.cilium.lower.labels import labels_fault, namespaces_fault, selector_fault
from transire.engines.cilium.lower.mesh import mesh_faults, pods_in, with_cluster
from transire.engines.cilium.lower.ports import HTTPS, port_groups, ports_fault, without_https
from transire.engines.cilium.lower.server_names import both_ways
from transire.engines.lowering.address_ranges import outside_ranges
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.lower import lower_cluster, lower_target
from transire.engines.lowering.scope import Scope
from transire.meaning.premises.address_ranges import OutsideRange
from transire.meaning.premises.dns_resolvers import Resolvers, dns_resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.meaning.target import Baseline, Lowered, Target, Values
from transire.model.engine import Release
from transire.model.intent import Cluster, EntityKind, Mode, Rule
from transire.model.late_tls import late_tls, named
from transire.model.names import HostPattern
from transire.model.net import ECHO, merge_ports, without_echo

OVERLAP_LINE, OVERLAP_FIXED = (1, 18), "1.18.9"
"""The line where an exact name below a wildcard may get the wrong identity, until this patch."""

_ENTITIES = {
    EntityKind.KUBE_APISERVER: ("kube-apiserver",),
    EntityKind.NODES: ("host", "remote-node"),
    EntityKind.INGRESS: ("ingress",),
}


def lower(target: Target) -> Lowered:
    """Values of `charts/egress-policy` for one target.

    Raises:
        Rejected: with everything that Cilium, in the cluster's version, cannot express.
    """
    return lower_target(target, _Cilium())


def lower_baseline(baseline: Baseline) -> Lowered:
    """Values of `charts/egress-baseline` for one cluster.

    Raises:
        Rejected: with everything that Cilium, in the cluster's version, cannot express.
    """
    return lower_cluster(baseline, _Cilium())


class _Cilium:
    releases = RELEASES
    capabilities = CAPABILITIES
    traits = staticmethod(traits)

    def owns_defaults(self, release: Release) -> bool:
        """Where there is `enableDefaultDeny`; before it, nothing switches a default deny off."""
        return CAPABILITIES.audit.support.has(release)

    def check(self, scope: Scope, builder: LoweredBuilder) -> None:
        cluster = scope.cluster
        for rule in scope.rules:
            for fault in (*both_ways(rule, scope), *meets_requests(rule, scope)):
                builder.refuse_rule(rule, rule.at, fault)
        for fault in flag_faults(cluster):
            builder.refuse_cluster(cluster.at, fault)
        if scope.mode is Mode.AUDIT:
            self._check_audit(scope, builder)
        too_deep = depth_fault(cluster)
        if too_deep:
            builder.refuse_cluster(cluster.dns.at, too_deep)
        if cluster.dns.restrict and not sees_dns(cluster):
            builder.refuse_cluster(
                cluster.dns.at,
                _no_proxy(
                    "dns.restrict limits the names that pods may ask",
                    "have the platform decide on it",
                ),
            )
        version = cluster.release.version
        if version and version.line == OVERLAP_LINE and not cluster.release.at_least(OVERLAP_FIXED):
            for rule, host, wildcard in overlapping(scope.rules):
                builder.remark(
                    rule.name,
                    "overlapping-hosts",
                    f"before {OVERLAP_FIXED} cilium may drop {host}, because {wildcard} covers it "
                    "too",
                )

    def _check_audit(self, scope: Scope, builder: LoweredBuilder) -> None:
        for fault in audit_faults(scope.cluster):
            builder.refuse_cluster(scope.at, fault)
        if scope.cluster.server_names or scope.cluster.dns.restrict:
            builder.remark(
                "dns",
                "audit-checks-less",
                "audit checks no server names and limits no queries; both begin with enforce",
            )

    def host_fault(self, pattern: HostPattern, rule: Rule, scope: Scope) -> Refusal | None:
        if not sees_dns(scope.cluster):
            return _no_proxy("host rules need answers", "remove the hosts")
        return pattern_fault(pattern, rule, scope.cluster)

    def http_fault(self, rule: Rule, scope: Scope) -> Refusal | None:
        return http_fault(rule, scope)

    def items(self, rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
        release = scope.cluster.release
        for fault in _rule_faults(rule, scope):
            builder.refuse_rule(rule, rule.at, fault)
        for entity, refusal in mesh_faults(rule, scope.cluster):
            builder.refuse_rule(rule, entity.at, refusal)
        for selector in rule.sources:
            not_kept = selector_fault(selector)
            if not_kept:
                builder.refuse_rule(rule, selector.at, not_kept)
        groups = port_groups(rule.ports, release, https_alone=scope.server_names)
        peers = list(_peers(rule, scope, builder))
        return [
            *_hosts(rule, scope, builder),
            *({**peer, "ports": each} for peer in peers for each in _ways(rule, groups)),
        ]

    def sets(self, parts: Sequence[Rule], scope: Scope) -> list[Values]:
        del parts, scope
        return []

    def parts(self, namespaces: Sequence[str]) -> Values:
        """Nothing: a list may be of any length."""
        del namespaces
        return {}

    def queries(
        self,
        ways: Resolvers,
        names: Sequence[QueryableName] | None,
        scope: Scope,
        builder: LoweredBuilder,
    ) -> list[Item]:
        return queries(ways, names, scope, builder)

    def every_port(self, pods: Item, cluster: Cluster) -> list[Item]:
        return [{"endpoints": [with_cluster(pods, cluster)], "ports": "all"}]


def _ways(rule: Rule, groups: list[Item]) -> Iterator[object]:
    """What stands beside one peer: groups of ports, and echo requests in an item of their own."""
    if groups:
        yield groups
    if ECHO in rule.ports:
        yield "echo"


def _rule_faults(rule: Rule, scope: Scope) -> Iterator[Refusal]:
    if ECHO in rule.ports and flag(scope.cluster, "enable-icmp-rules", "true") == "false":
        remedy, proposal = proposals.without_ports(rule, lambda port: port == ECHO, "ICMP")
        yield Refusal(
            id="agent-flag",
            why="ICMP needs rules about it, and agent flag enable-icmp-rules is 'false'",
            remedy=f"{remedy}, or run the agent with enable-icmp-rules 'true'",
            proposal=proposal,
        )
    release, ways = scope.cluster.release, dns_resolvers(scope.cluster)
    too_many = ports_fault(rule.ports, release)
    if too_many:
        yield too_many
    yield from by_name_faults(rule, ways, release)
    if scope.restricted:
        yield from restriction_faults(rule, ways, release)


def _hosts(rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
    if not rule.hosts:
        return []
    if not sees_dns(scope.cluster):
        builder.refuse_rule(
            rule, rule.hosts[0].at, _no_proxy("host rules need answers", "remove the hosts")
        )
        return []
    _remark_ports_without_names(rule, scope, builder)
    release = scope.cluster.release
    fitting = set(expressible_hosts(rule, scope, builder))
    if not (scope.server_names and any(each.covers(HTTPS) for each in rule.ports)):
        texts = _patterns(rule, [each.pattern for each in rule.hosts], fitting, builder)
        return _named(rule, texts, _with_requests(rule, scope, builder))
    strict, loose = _strict_and_loose(rule, scope, builder)
    found: list[Item] = []
    names = sorted({each.text for each in strict})
    texts = _patterns(rule, strict, fitting, builder)
    found += _named(rule, texts, port_groups(rule.ports, release, names))
    texts = _patterns(rule, loose, fitting, builder)
    return [*found, *_named(rule, texts, port_groups(rule.ports, release, https_alone=True))]


def _with_requests(rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
    """The ports with the requests that are let through there; audit blocks none, and has none."""
    groups = port_groups(rule.ports, scope.cluster.release)
    if rule.http is None:
        return groups
    if scope.mode is Mode.AUDIT:
        builder.remark(
            rule.name,
            "audit-checks-less",
            f"audit checks no methods and paths, {rule.http}; that begins with enforce",
        )
        return groups
    return [{**group, "http": requests(rule.http)} for group in groups]


def _named(rule: Rule, texts: Sequence[str], groups: list[Item]) -> list[Item]:
    """One item for each way to the hosts; none where there is no host."""
    ways = _ways(rule, groups) if texts else ()
    return [{"fqdns": selectors(texts), "ports": each} for each in ways]


def _strict_and_loose(
    rule: Rule, scope: Scope, builder: LoweredBuilder
) -> tuple[Sequence[HostPattern], Sequence[HostPattern]]:
    """The hosts whose server names are checked on 443/TCP, and those where any passes."""
    if rule.server_names:
        return checked_hosts(rule, scope, builder)
    builder.remark(
        rule.name,
        "server-names-off",
        "the rule turns server names off, so other hosts on the same addresses are reachable on "
        "443/TCP",
    )
    return (), [each.pattern for each in rule.hosts]


def _patterns(
    rule: Rule, hosts: Sequence[HostPattern], fitting: set[HostPattern], builder: LoweredBuilder
) -> list[str]:
    """The hosts that this version can express, as it writes them."""
    release = builder.cluster.release
    texts: list[str] = []
    for pattern in hosts:
        if pattern not in fitting:
            continue
        approximated = approximation(pattern, rule.name, release)
        if approximated is not None:
            builder.approximate(approximated)
        texts += to_patterns(pattern, release)
    return texts


def _remark_ports_without_names(rule: Rule, scope: Scope, builder: LoweredBuilder) -> None:
    if not scope.server_names:
        return
    ports = without_echo(merge_ports(rule.ports))
    alone = [each for each in ports if each.first == each.last]
    late = late_tls(alone)
    if late:
        builder.remark(
            rule.name,
            "tls-starts-late",
            f"no server name can be checked on {', '.join(map(named, late))}, where a connection "
            "begins without TLS, so other hosts on the same addresses are reachable there",
        )
    others = ", ".join(
        str(each)
        for each in without_https(ports)
        if each.first != each.last or not late_tls([each])
    )
    if others:
        builder.remark(
            rule.name,
            "no-server-name",
            f"no server name is checked on {others}, so other hosts on the same addresses are "
            "reachable there",
        )


def _peers(rule: Rule, scope: Scope, builder: LoweredBuilder) -> Iterator[Item]:
    """Every destination but hosts: one item for each kind."""
    ranges = outside_ranges(rule, builder)
    if ranges:
        yield {"cidrs": [_cidr(each) for each in ranges]}
        _remark_shared_range(rule, scope, builder)
    if rule.pods:
        for pods in rule.pods:
            fault = labels_fault(pods.labels) or namespaces_fault(pods.namespace_labels)
            if fault:
                builder.refuse_rule(rule, pods.at, fault)
        yield {"endpoints": [pods_in(each, scope.cluster) for each in sorted(set(rule.pods))]}
    if rule.entities:
        names = {name for each in rule.entities for name in _ENTITIES[each.kind]}
        yield {"entities": sorted(names)}


def _cidr(each: OutsideRange) -> Item:
    written: Item = {"cidr": str(each.cidr)}
    if each.without:
        written["except"] = [str(part) for part in each.without]
    return written


def _remark_shared_range(rule: Rule, scope: Scope, builder: LoweredBuilder) -> None:
    """A plain allow for the same port lifts the server names where a range holds the address."""
    parts = [part for each in scope.resolving for part in each.parts]
    on_https = [each for each in parts if any(port.covers(HTTPS) for port in each.ports)]
    if scope.server_names and rule in on_https and any(each.hosts for each in on_https):
        builder.remark(
            rule.name,
            "range-without-server-names",
            "its ranges are reachable on 443/TCP under any server name, also where such an address "
            "answers for an allowed host",
        )


def _no_proxy(what: str, otherwise: str) -> Refusal:
    return Refusal(
        id="agent-flag",
        why=f"{what}, and agent flag enable-l7-proxy is 'false', so no answer is seen",
        remedy=f"run the agent with enable-l7-proxy 'true', or {otherwise}",
    )
