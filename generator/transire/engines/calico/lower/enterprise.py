"""Intent as Calico Enterprise expresses it: values of the charts, or why not.

Domains are in NetworkSets that rules select, never in rules: on a cluster with open source Calico
a set without its domains is empty and fails closed, a rule without them would allow everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from transire.engines.api.refusal import Refusal
from transire.engines.calico.facts import (
    ENTERPRISE_CAPABILITIES,
    ENTERPRISE_RELEASES,
    enterprise_traits,
)
from transire.engines.calico.lower.domains import check_domains, domain_fault, domains
from transire.engines.calico.lower.items import (
    check_tier,
    every_port,
    other_items,
    query_items,
    with_ports,
)
from transire.engines.calico.lower.parts import written_parts
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.http_limits import no_requests
from transire.engines.lowering.lower import lower_cluster, lower_target
from transire.engines.lowering.scope import Scope
from transire.meaning.premises.dns_resolvers import Resolvers, dns_resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.meaning.target import Baseline, Lowered, Target, Values
from transire.model.engine import Release
from transire.model.intent import Cluster, DnsProfile, Rule
from transire.model.names import HostPattern

_TRUSTED = frozenset({DnsProfile.COREDNS, DnsProfile.OPENSHIFT})
"""Profiles whose resolver Felix trusts without further configuration."""


def lower(target: Target) -> Lowered:
    """Values of `charts/egress-policy` for one target.

    Raises:
        Rejected: with everything that Calico Enterprise cannot express.
    """
    return lower_target(target, _Enterprise())


def lower_baseline(baseline: Baseline) -> Lowered:
    """Values of `charts/egress-baseline` for one cluster.

    Raises:
        Rejected: with everything that Calico Enterprise cannot express.
    """
    return lower_cluster(baseline, _Enterprise())


class _Enterprise:
    releases = ENTERPRISE_RELEASES
    capabilities = ENTERPRISE_CAPABILITIES
    traits = staticmethod(enterprise_traits)

    def owns_defaults(self, release: Release) -> bool:
        """Every release is applied by the server."""
        del release
        return True

    def check(self, scope: Scope, builder: LoweredBuilder) -> None:
        check_tier(scope.platform, builder)
        untrusted = scope.cluster.dns.profile not in _TRUSTED
        if untrusted and any(rule.hosts for rule in scope.rules):
            ways = dns_resolvers(scope.cluster)
            resolvers = [str(each) for each in ways.addresses]
            resolvers += [f"the DNS pods of {each.namespace}" for each in ways.pods]
            builder.remark(
                "dns",
                "dns-trusted-servers",
                "hosts are learnt only from answers of Felix's dnsTrustedServers; see that it "
                f"lists {', '.join(dict.fromkeys(resolvers))}",
            )

    def host_fault(self, pattern: HostPattern, rule: Rule, scope: Scope) -> Refusal | None:
        return domain_fault(pattern, rule, scope.cluster)

    def http_fault(self, rule: Rule, scope: Scope) -> Refusal:
        """Calico looks into requests of ingress alone."""
        return no_requests(
            rule,
            scope,
            "methods and paths are for ingress alone on calico-enterprise",
        )

    def items(self, rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
        hosts: list[Item] = []
        if rule.hosts:
            check_domains(rule, builder)
            hosts = with_ports({"set": scope.naming.set(rule)}, rule.ports)
        return [*hosts, *other_items(rule, builder)]

    def sets(self, parts: Sequence[Rule], scope: Scope) -> list[Values]:
        return [
            {
                "name": scope.naming.set(part),
                "source": part.source,
                "domains": domains(part),
            }
            for part in parts
            if part.hosts
        ]

    def parts(self, namespaces: Sequence[str]) -> Values:
        """Where one selector cannot hold the list."""
        return written_parts(namespaces)

    def queries(
        self,
        ways: Resolvers,
        names: Sequence[QueryableName] | None,
        scope: Scope,
        builder: LoweredBuilder,
    ) -> list[Item]:
        del names, scope, builder
        return query_items(ways)

    def every_port(self, pods: Item, cluster: Cluster) -> list[Item]:
        del cluster
        return every_port(pods)
