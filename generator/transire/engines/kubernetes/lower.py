"""Intent as NetworkPolicy expresses it: values of the charts, or why not.

Whether an address block also matches pods and nodes is left to each network plugin, so the
cluster's own ranges are left out of every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.engines.api.refusal import Refusal
from transire.engines.kubernetes.facts import CAPABILITIES, RELEASES, traits
from transire.engines.lowering.address_ranges import nodes_fault, outside_ranges
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item, pods_item
from transire.engines.lowering.host_limits import host_limit
from transire.engines.lowering.http_limits import no_requests
from transire.engines.lowering.lower import lower_cluster, lower_target
from transire.engines.lowering.scope import Scope
from transire.meaning.premises.address_ranges import OutsideRange, node_ranges
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.meaning.target import Baseline, Lowered, Target, Values
from transire.model.engine import Release
from transire.model.intent import Cluster, Entity, EntityKind, Rule
from transire.model.names import HostPattern
from transire.model.net import PortRange, Protocol, merge_ports, without_echo


def lower(target: Target) -> Lowered:
    """Values of `charts/egress-policy` for one target.

    Raises:
        Rejected: with everything that NetworkPolicy cannot express.
    """
    return lower_target(target, _Kubernetes())


def lower_baseline(baseline: Baseline) -> Lowered:
    """Values of `charts/egress-baseline` for one cluster.

    Raises:
        Rejected: with everything that NetworkPolicy cannot express.
    """
    return lower_cluster(baseline, _Kubernetes())


class _Kubernetes:
    releases = RELEASES
    capabilities = CAPABILITIES
    traits = staticmethod(traits)

    def owns_defaults(self, release: Release) -> bool:
        """The field is as old as the kind."""
        del release
        return True

    def check(self, scope: Scope, builder: LoweredBuilder) -> None:
        """Nothing beyond what the frame checks."""
        del scope, builder

    def host_fault(self, pattern: HostPattern, rule: Rule, scope: Scope) -> Refusal:
        """There are no names."""
        del rule
        return Refusal(
            id="host-not-expressible",
            why=f"{pattern.shown} is a name, and NetworkPolicy knows addresses and pods only",
            remedy=f"declare a fallback for cluster {scope.cluster.name!r} (a proxy), use cilium "
            "or calico-enterprise, or write {cidr: ...} where the addresses are fixed",
        )

    def http_fault(self, rule: Rule, scope: Scope) -> Refusal:
        """There are no requests."""
        return no_requests(rule, scope, "NetworkPolicy judges connections")

    def items(self, rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
        ports = _ports(rule.ports)
        found: list[Item] = []
        for host in rule.hosts:
            limit = host_limit(host.pattern, scope.cluster)
            fault = limit or self.host_fault(host.pattern, rule, scope)
            builder.refuse_rule(rule, host.at, fault)
        ranges = outside_ranges(rule, builder)
        if ranges:
            found.append({"cidrs": _cidrs(ranges), "ports": ports})
        if rule.pods:
            pods = [pods_item(each) for each in sorted(set(rule.pods))]
            found.append({"pods": pods, "ports": ports})
        for entity in sorted(set(rule.entities)):
            nodes = _nodes(rule, entity, builder)
            if nodes:
                found.append({"cidrs": nodes, "ports": ports})
        return found

    def sets(self, parts: Sequence[Rule], scope: Scope) -> list[Values]:
        del parts, scope
        return []

    def parts(self, namespaces: Sequence[str]) -> Values:
        """Nothing: each namespace has objects of its own."""
        del namespaces
        return {}

    def queries(
        self,
        ways: Resolvers,
        names: Sequence[QueryableName] | None,
        scope: Scope,
        builder: LoweredBuilder,
    ) -> list[Item]:
        del names, scope, builder
        ports = [
            {"port": ways.port, "protocol": protocol.value}
            for protocol in (Protocol.TCP, Protocol.UDP)
        ]
        found: list[Item] = []
        if ways.addresses:
            cidrs = [{"cidr": str(each)} for each in ways.addresses]
            found.append({"cidrs": cidrs, "ports": ports})
        if ways.pods:
            found.append({"pods": [pods_item(each) for each in ways.pods], "ports": ports})
        return found

    def every_port(self, pods: Item, cluster: Cluster) -> list[Item]:
        del cluster
        return [{"pods": [pods], "ports": "all"}]


def _ports(ports: Iterable[PortRange]) -> list[Item]:
    return [
        {"port": each.first, "protocol": each.protocol.value}
        if each.first == each.last
        else {"port": each.first, "endPort": each.last, "protocol": each.protocol.value}
        for each in merge_ports(without_echo(ports))
    ]


def _cidrs(ranges: Iterable[OutsideRange]) -> list[Item]:
    return [
        {"cidr": str(each.cidr), "except": [str(part) for part in each.without]}
        if each.without
        else {"cidr": str(each.cidr)}
        for each in ranges
    ]


def _nodes(rule: Rule, entity: Entity, builder: LoweredBuilder) -> list[Item]:
    match entity.kind:
        case EntityKind.KUBE_APISERVER:
            fault: Refusal | None = Refusal(
                id="entity-not-expressible",
                why="kube-apiserver has no selector in NetworkPolicy",
                remedy="use cilium or calico, or write {cidr: ...} if its address lies outside "
                "the cluster",
            )
        case EntityKind.NODES:
            fault = nodes_fault(builder.cluster)
        case EntityKind.INGRESS:
            return []
    if fault:
        builder.refuse_rule(rule, entity.at, fault)
        return []
    return _cidrs(node_ranges(builder.cluster))
