"""Refuse a way of one's own to a proxy that decides about names.

What it does: reports pods of the proxy that a cluster's `fallback` declares, on the proxy's port,
where the rule holds. Rules that name hosts get their way to the proxy by themselves. In
the example a cluster has `fallback: {proxy: {namespace: egress-proxy, pods: {app: squid}, port:
3128}}`.
Why is this bad? The proxy answers for every name that somebody may reach: a rule straight to it
says nothing of names, and opens all of those.
Bad:
    {name: proxy, reason: reach partners, to: [{namespace: egress-proxy}], ports: [3128]}
Good:
    {name: partner, reason: reach the partner, to: [api.partner.example]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.intent import Cluster, Labels, Pods, ProxyFallback
from transire.model.net import PortRange, Protocol
from transire.model.problems import Level
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "straight-to-proxy"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every destination that may be a proxy of a cluster on which the rule holds."""
    for entry in review.entries():
        for pods in entry.rule.pods:
            for cluster in review.clusters(entry):
                if _is_proxy(entry, pods, cluster):
                    yield entry.finding(
                        pods.at,
                        f"the pods in {pods.namespace} are the egress proxy of {cluster.name}, "
                        "which opens every name that anybody may reach",
                        "name the hosts instead: a rule with hosts leads to the proxy by itself",
                    )
                    break


def _is_proxy(entry: Entry, pods: Pods, cluster: Cluster) -> bool:
    proxy = cluster.fallback
    if not isinstance(proxy, ProxyFallback) or pods.namespace != proxy.namespace:
        return False
    port = PortRange(protocol=Protocol.TCP, first=proxy.port, last=proxy.port)
    opened = any(each.covers(port) for each in entry.ports_of(pods))
    return opened and _may_both_be(pods.labels, proxy.labels)


def _may_both_be(one: Labels, other: Labels) -> bool:
    """Whether a pod can have both sets of labels."""
    first, second = dict(one), dict(other)
    return all(second.get(key, value) == value for key, value in first.items())
