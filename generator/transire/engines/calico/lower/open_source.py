"""Intent as open source Calico expresses it, 3.29 to 3.33: values of the charts, or why not."""

from __future__ import annotations

from collections.abc import Sequence

from transire.engines.api.refusal import Refusal
from transire.engines.calico.facts import CAPABILITIES, RELEASES, applied_by_server, traits
from transire.engines.calico.lower.delegation import host_items, name_fault
from transire.engines.calico.lower.items import check_tier, every_port, other_items, query_items
from transire.engines.calico.lower.parts import written_parts
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.http_limits import no_requests
from transire.engines.lowering.lower import lower_cluster, lower_target
from transire.engines.lowering.scope import Scope
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.meaning.target import Baseline, Lowered, Target, Values
from transire.model.engine import Release
from transire.model.intent import Cluster, Rule
from transire.model.names import HostPattern


def lower(target: Target) -> Lowered:
    """Values of `charts/egress-policy` for one target.

    Raises:
        Rejected: with everything that Calico, in the cluster's version, cannot express.
    """
    return lower_target(target, _Calico())


def lower_baseline(baseline: Baseline) -> Lowered:
    """Values of `charts/egress-baseline` for one cluster.

    Raises:
        Rejected: with everything that Calico, in the cluster's version, cannot express.
    """
    return lower_cluster(baseline, _Calico())


class _Calico:
    releases = RELEASES
    capabilities = CAPABILITIES
    traits = staticmethod(traits)

    def owns_defaults(self, release: Release) -> bool:
        """Where the server applies objects; elsewhere an empty field would count as drift."""
        return applied_by_server(release)

    def check(self, scope: Scope, builder: LoweredBuilder) -> None:
        check_tier(scope.platform, builder)

    def host_fault(self, pattern: HostPattern, rule: Rule, scope: Scope) -> Refusal:
        """There are no names."""
        del rule
        return name_fault(pattern, scope.cluster)

    def http_fault(self, rule: Rule, scope: Scope) -> Refusal:
        """Calico looks into requests of ingress alone."""
        return no_requests(
            rule,
            scope,
            "methods and paths are for ingress alone on calico",
        )

    def items(self, rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
        del scope
        return [*host_items(rule, builder), *other_items(rule, builder)]

    def sets(self, parts: Sequence[Rule], scope: Scope) -> list[Values]:
        del parts, scope
        return []

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
