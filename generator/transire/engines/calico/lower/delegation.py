"""Hosts on open source Calico that a GlobalNetworkSet stands for; no release has host rules.

Source: the API types of every tag from 3.21 on hold no field for domains; an unknown one is dropped
by the API server, and what is left of the rule allows its ports to everywhere.
"""

from __future__ import annotations

from transire.engines.api.refusal import Refusal
from transire.engines.calico.lower.items import with_ports
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.host_limits import host_limit
from transire.meaning.target import Delegated
from transire.model.destinations import shown_labels
from transire.model.intent import Cluster, Rule, SetFallback
from transire.model.names import HostKind, HostPattern


def host_items(rule: Rule, builder: LoweredBuilder) -> list[Item]:
    """The way to the set that stands for the hosts; without one they are refused."""
    cluster = builder.cluster
    for host in rule.hosts:
        fault = host_limit(host.pattern, cluster) or _set_fault(host.pattern, cluster)
        if fault:
            builder.refuse_rule(rule, host.at, fault)
    fallback = cluster.fallback
    if not rule.hosts or not isinstance(fallback, SetFallback):
        return []
    shown = f"GlobalNetworkSet with {shown_labels(fallback.labels)}"
    for host in rule.hosts:
        builder.delegate(Delegated(rule=rule.name, host=host.pattern.text, to=shown))
    return with_ports({"networkSet": {"labels": dict(fallback.labels)}}, rule.ports)


def _set_fault(pattern: HostPattern, cluster: Cluster) -> Refusal | None:
    if not isinstance(cluster.fallback, SetFallback):
        return name_fault(pattern, cluster)
    if pattern.kind is HostKind.EXACT:
        return None
    return Refusal(
        id="host-not-delegable",
        why=f"{pattern.shown} is a wildcard, and the fallback is a GlobalNetworkSet, which is "
        "filled name by name",
        remedy="name the hosts, or make the fallback a proxy",
    )


def name_fault(pattern: HostPattern, cluster: Cluster) -> Refusal:
    """Why the host cannot be written."""
    return Refusal(
        id="host-not-expressible",
        why=f"{pattern.shown} is a name, and no release of open source calico has host rules",
        remedy=f"declare a fallback for cluster {cluster.name!r} (a proxy or a "
        "GlobalNetworkSet), or use cilium or calico-enterprise",
    )
