"""Hosts on open source Calico: handed to the cluster's fallback, since no release has host rules.

Source: the API types of every tag from 3.21 on hold no field for domains; an unknown one is dropped
by the API server, and what is left of the rule allows its ports to everywhere.
"""

from __future__ import annotations

from transire.engines.calico.lower.items import with_ports
from transire.engines.lowering.chart_values import Item, pods_item
from transire.engines.lowering.host_limits import host_limit
from transire.engines.lowering.label_limits import labels_limit
from transire.engines.lowering.refusals import Findings
from transire.meaning.target import Delegated
from transire.model.fault import Fault
from transire.model.intent import Host, Labels, Pods, ProxyFallback, Rule, SetFallback
from transire.model.names import HostKind
from transire.model.net import PortRange, Protocol, merge_ports


def check_fallback(findings: Findings) -> None:
    """Refuse a fallback whose labels would not find what they are meant to find."""
    cluster = findings.cluster
    match cluster.fallback:
        case None:
            return
        case SetFallback(labels=()):
            findings.refuse_cluster(
                cluster.at,
                Fault(
                    id="fallback",
                    why="fallback.networkSet has no labels, so every set would be found",
                    remedy="write the labels of one GlobalNetworkSet",
                ),
            )
        case SetFallback(labels=labels) | ProxyFallback(labels=labels):
            fault = labels_limit(labels)
            if fault:
                findings.refuse_cluster(cluster.at, fault)


def host_items(rule: Rule, findings: Findings) -> list[Item]:
    """The way to what decides about the rule's hosts."""
    fallback = findings.cluster.fallback
    for host in rule.hosts:
        fault = _host_fault(host, findings)
        if fault:
            findings.refuse_rule(rule, host.at, fault)
    if not rule.hosts or fallback is None:
        return []
    for host in rule.hosts:
        findings.delegate(Delegated(rule=rule.name, host=host.pattern.text, to=_shown(fallback)))
    if isinstance(fallback, SetFallback):
        return with_ports({"networkSet": {"labels": dict(fallback.labels)}}, rule.ports)
    _check_proxied(rule, findings)
    pods = Pods(namespace=fallback.namespace, labels=fallback.labels)
    port = PortRange(protocol=Protocol.TCP, first=fallback.port, last=fallback.port)
    return with_ports({"pods": pods_item(pods)}, [port])


def _host_fault(host: Host, findings: Findings) -> Fault | None:
    cluster, pattern = findings.cluster, host.pattern
    limit = host_limit(pattern, cluster)
    if limit:
        return limit
    if cluster.fallback is None:
        return Fault(
            id="host-not-expressible",
            why=f"{pattern.shown} is a name, and no release of open source calico has host rules",
            remedy=f"declare a fallback for cluster {cluster.name!r} (a proxy or a "
            "GlobalNetworkSet), or use cilium or calico-enterprise",
        )
    if isinstance(cluster.fallback, SetFallback) and pattern.kind is not HostKind.EXACT:
        return Fault(
            id="host-not-delegable",
            why=f"{pattern.shown} is a wildcard, and the fallback is a GlobalNetworkSet, which is "
            "filled name by name",
            remedy="name the hosts, or make the fallback a proxy",
        )
    return None


def _check_proxied(rule: Rule, findings: Findings) -> None:
    others = [each for each in merge_ports(rule.ports) if each.protocol is not Protocol.TCP]
    if others:
        written = ", ".join(map(str, others))
        findings.refuse_rule(
            rule,
            rule.at,
            Fault(
                id="proxy-takes-tcp",
                why=f"its hosts go through a proxy, which takes TCP only, not {written}",
                remedy=f"take {written} out of the rule, or use cilium or calico-enterprise",
            ),
        )


def _shown(fallback: ProxyFallback | SetFallback) -> str:
    if isinstance(fallback, SetFallback):
        return f"GlobalNetworkSet with {_written(fallback.labels)}"
    return f"proxy {fallback.namespace}/{_written(fallback.labels)}:{fallback.port}"


def _written(labels: Labels) -> str:
    return ",".join(f"{key}={value}" for key, value in labels) or "*"
