"""Refuse a way of one's own to a proxy that decides about names.

What it does: reports pods, ranges and hosts that are the proxy which a cluster's `fallback`
declares, on the proxy's port. A proxy of pods counts where the rule holds on its cluster or names
that cluster of the mesh, one outside counts everywhere. Ranges count as what they carry (NAT64,
6to4, mapped), hosts as engines read them, and names such as `172-20-4-7.nip.io` as their address.
Rules that name hosts get their way to the proxy by themselves. In the example a cluster has
`fallback: {proxy: {namespace: egress-proxy, pods: {app: squid}, port: 3128}}`.
Why is this bad? The proxy answers for every name that somebody may reach: a rule straight to it
says nothing of names, and opens all of those.
Bad:
    {name: proxy, reason: reach partners, to: [{namespace: egress-proxy}], ports: [3128]}
Good:
    {name: partner, reason: reach the partner, to: [api.partner.example]}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from ipaddress import ip_network

from transire.meaning.address_names import addresses_in
from transire.meaning.hosts import matches
from transire.model.destinations import shown_labels
from transire.model.guardrail import Finding
from transire.model.intent import (
    AddressRange,
    Cluster,
    Destination,
    Host,
    Labels,
    Pods,
    ProxyFallback,
)
from transire.model.names import HostPattern
from transire.model.problems import Level
from transire.model.translated import meet
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of

ID = "straight-to-proxy"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every destination that may be a proxy which some cluster declares."""
    proxies = [
        (cluster, cluster.fallback)
        for cluster in review.organisation.platform.clusters
        if isinstance(cluster.fallback, ProxyFallback)
    ]
    for entry in review.entries() if proxies else ():
        on = frozenset(cluster.name for cluster in review.clusters(entry))
        for each in entry.rule.destinations:
            found = _first(review, entry, each, proxies, on)
            if found is not None:
                reaching, cluster = found
                yield entry.finding(
                    each.at,
                    f"{reaching} the egress proxy of {cluster.name}, which opens every name that "
                    "anybody may reach",
                    "name the hosts instead: a rule with hosts leads to the proxy by itself",
                    subject_of(each),
                )


_Proxies = Sequence[tuple[Cluster, ProxyFallback]]


def _first(
    review: GuardrailContext,
    entry: Entry,
    destination: Destination,
    proxies: _Proxies,
    on: Collection[str],
) -> tuple[str, Cluster] | None:
    """How the destination leads to a proxy, and of which cluster; None where it does not."""
    for cluster, proxy in proxies:
        opened = any(
            each.covers(port) for each in entry.ports_of(destination) for port in proxy.ports
        )
        if not opened:
            continue
        match destination, proxy.to:
            case Pods() as pods, Pods() as there if _may_be(pods, there, cluster, on):
                return _to_pods(pods), cluster
            case AddressRange(cidr=cidr), AddressRange(cidr=there) if meet(cidr, there):
                return f"{cidr} reaches", cluster
            case Host(pattern=pattern), Host() | AddressRange():
                read = _read(review, entry, pattern, proxy.to)
                if read is not None:
                    return f"{pattern.shown}{read} reaches", cluster
            case _:
                continue
    return None


def _to_pods(pods: Pods) -> str:
    if pods.namespace_labels:
        return f"pods in namespaces with {shown_labels(pods.namespace_labels)} may be"
    return f"the pods in {pods.where} are"


def _may_be(pods: Pods, there: Pods, cluster: Cluster, on: Collection[str]) -> bool:
    """Whether a destination may be pods of the cluster's own."""
    mesh = cluster.mesh.name if cluster.mesh else ""
    here = pods.cluster == mesh if pods.cluster else cluster.name in on
    alike = pods.namespace in {"", there.namespace} and _may_both_be(pods.labels, there.labels)
    return here and alike


def _read(
    review: GuardrailContext, entry: Entry, pattern: HostPattern, proxy: Host | AddressRange
) -> str | None:
    """What a cluster reads in place of a host that reaches the proxy; None where none does."""
    if isinstance(proxy, AddressRange):
        inside = (ip_network(address) for address in addresses_in(pattern.text))
        return "" if any(meet(each, proxy.cidr) for each in inside) else None
    for reading, where in review.readings(entry, pattern):
        if matches(reading, proxy.pattern.text):
            return f", {reading.text} on {where}," if where else ""
    return None


def _may_both_be(one: Labels, other: Labels) -> bool:
    """Whether a pod can have both sets of labels."""
    first, second = dict(one), dict(other)
    return all(second.get(key, value) == value for key, value in first.items())
