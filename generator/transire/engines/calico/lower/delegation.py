"""Hosts on open source Calico: handed to the cluster's fallback, since no release has host rules.

Source: the API types of every tag from 3.21 on hold no field for domains; an unknown one is dropped
by the API server, and what is left of the rule allows its ports to everywhere.
"""

from __future__ import annotations

from transire.engines.api.refusal import Refusal
from transire.engines.calico.lower.items import with_ports
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item, pods_item
from transire.engines.lowering.host_limits import host_limit
from transire.engines.lowering.label_limits import labels_limit
from transire.meaning.target import Delegated
from transire.model.intent import Host, Labels, Pods, ProxyFallback, Rule, SetFallback
from transire.model.names import HostKind
from transire.model.net import PortRange, Protocol, merge_ports


def check_fallback(builder: LoweredBuilder) -> None:
    """Refuse a fallback whose labels would not find what they are meant to find."""
    cluster = builder.cluster
    match cluster.fallback:
        case None:
            return
        case SetFallback(labels=()):
            builder.refuse_cluster(
                cluster.at,
                Refusal(
                    id="fallback",
                    why="fallback.networkSet has no labels, so every set would be found",
                    remedy="write the labels of one GlobalNetworkSet",
                ),
            )
        case SetFallback(labels=labels) | ProxyFallback(labels=labels):
            fault = labels_limit(labels)
            if fault:
                builder.refuse_cluster(cluster.at, fault)


def host_items(rule: Rule, builder: LoweredBuilder) -> list[Item]:
    """The way to what decides about the rule's hosts."""
    fallback = builder.cluster.fallback
    for host in rule.hosts:
        fault = _host_fault(host, builder)
        if fault:
            builder.refuse_rule(rule, host.at, fault)
    if not rule.hosts or fallback is None:
        return []
    for host in rule.hosts:
        builder.delegate(Delegated(rule=rule.name, host=host.pattern.text, to=_shown(fallback)))
    if isinstance(fallback, SetFallback):
        return with_ports({"networkSet": {"labels": dict(fallback.labels)}}, rule.ports)
    _check_proxied(rule, builder)
    pods = Pods(namespace=fallback.namespace, labels=fallback.labels)
    port = PortRange(protocol=Protocol.TCP, first=fallback.port, last=fallback.port)
    return with_ports({"pods": pods_item(pods)}, [port])


def _host_fault(host: Host, builder: LoweredBuilder) -> Refusal | None:
    cluster, pattern = builder.cluster, host.pattern
    limit = host_limit(pattern, cluster)
    if limit:
        return limit
    if cluster.fallback is None:
        return Refusal(
            id="host-not-expressible",
            why=f"{pattern.shown} is a name, and no release of open source calico has host rules",
            remedy=f"declare a fallback for cluster {cluster.name!r} (a proxy or a "
            "GlobalNetworkSet), or use cilium or calico-enterprise",
        )
    if isinstance(cluster.fallback, SetFallback) and pattern.kind is not HostKind.EXACT:
        return Refusal(
            id="host-not-delegable",
            why=f"{pattern.shown} is a wildcard, and the fallback is a GlobalNetworkSet, which is "
            "filled name by name",
            remedy="name the hosts, or make the fallback a proxy",
        )
    return None


def _check_proxied(rule: Rule, builder: LoweredBuilder) -> None:
    others = [each for each in merge_ports(rule.ports) if each.protocol is not Protocol.TCP]
    if others:
        written = ", ".join(map(str, others))
        builder.refuse_rule(
            rule,
            rule.at,
            Refusal(
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
