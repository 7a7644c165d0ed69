"""Refuse a way of one's own to a proxy that decides about names.

What it does: reports pods, ranges and hosts that are the proxy which a cluster's `fallback`
declares, on the proxy's port, where the rule holds. Rules that name hosts get their way to the
proxy by themselves. In the example a cluster has `fallback: {proxy: {namespace: egress-proxy, pods:
{app: squid}, port: 3128}}`.
Why is this bad? The proxy answers for every name that somebody may reach: a rule straight to it
says nothing of names, and opens all of those.
Bad:
    {name: proxy, reason: reach partners, to: [{namespace: egress-proxy}], ports: [3128]}
Good:
    {name: partner, reason: reach the partner, to: [api.partner.example]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.hosts import matches
from transire.model.destinations import shown_labels
from transire.model.guardrail import Finding
from transire.model.intent import (
    AddressRange,
    Cluster,
    Destination,
    Entity,
    Host,
    Labels,
    Pods,
    ProxyFallback,
)
from transire.model.net import overlaps
from transire.model.problems import Level
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of

ID = "straight-to-proxy"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every destination that may be a proxy of a cluster on which the rule holds."""
    for entry in review.entries():
        proxied = [
            cluster
            for cluster in review.clusters(entry)
            if isinstance(cluster.fallback, ProxyFallback)
        ]
        for each in entry.rule.destinations if proxied else ():
            for cluster in proxied:
                if _is_proxy(entry, each, cluster):
                    yield entry.finding(
                        each.at,
                        f"{_reaching(each)} the egress proxy of {cluster.name}, "
                        "which opens every name that anybody may reach",
                        "name the hosts instead: a rule with hosts leads to the proxy by itself",
                        subject_of(each),
                    )
                    break


def _reaching(destination: Destination) -> str:
    match destination:
        case Pods(namespace_labels=having) if having:
            return f"pods in namespaces with {shown_labels(having)} may be"
        case Pods(namespace=namespace):
            return f"the pods in {namespace} are"
        case AddressRange(cidr=cidr):
            return f"{cidr} reaches"
        case Host(pattern=pattern):
            return f"{pattern.shown} reaches"
        case Entity(kind=kind):
            raise AssertionError(f"{kind} is no proxy")


def _is_proxy(entry: Entry, destination: Destination, cluster: Cluster) -> bool:
    proxy = cluster.fallback
    if not isinstance(proxy, ProxyFallback):
        return False
    opened = any(each.covers(port) for each in entry.ports_of(destination) for port in proxy.ports)
    match destination, proxy.to:
        case Pods() as pods, Pods() as there:
            alike = _may_both_be(pods.labels, there.labels)
            own = alike and not pods.cluster
            return opened and own and pods.namespace in {"", there.namespace}
        case AddressRange(cidr=cidr), AddressRange(cidr=there):
            return opened and overlaps(cidr, there)
        case Host(pattern=pattern), Host(pattern=there):
            return opened and matches(pattern, there.text)
        case _:
            return False


def _may_both_be(one: Labels, other: Labels) -> bool:
    """Whether a pod can have both sets of labels."""
    first, second = dict(one), dict(other)
    return all(second.get(key, value) == value for key, value in first.items())
