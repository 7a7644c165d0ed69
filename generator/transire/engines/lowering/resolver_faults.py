"""Where what a cluster declares of its resolver does not fit the DNS profile."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.label_limits import labels_limit
from transire.model.engine import Traits
from transire.model.intent import Cluster, DnsProfile
from transire.model.net import contains


def resolver_faults(cluster: Cluster, traits: Traits) -> Iterator[Refusal]:
    """Why the cluster's DNS settings do not define where queries go; nothing where they do."""
    dns = cluster.dns
    if dns.profile is DnsProfile.CUSTOM:
        yield from _custom_faults(cluster, traits)
        return
    if dns.resolver is not None:
        yield _fault(
            f"dns.resolver is for profile custom, not for {dns.profile}",
            "remove dns.resolver, or write dns.profile: custom",
        )
    if dns.profile in {DnsProfile.COREDNS, DnsProfile.OPENSHIFT} and dns.addresses:
        yield _fault(
            f"dns profile {dns.profile} has pods to ask and takes no addresses",
            "remove dns.addresses, or write dns.profile: nodelocal",
        )
    if _lacks_addresses(cluster, traits):
        yield _fault(
            f"dns profile {dns.profile} needs the addresses that pods ask",
            "write dns.addresses as in a pod's /etc/resolv.conf, for example [169.254.20.10]",
        )


def _lacks_addresses(cluster: Cluster, traits: Traits) -> bool:
    """Where pods are known by identity a node-local cache is one, and needs no address."""
    if cluster.dns.addresses:
        return False
    if cluster.dns.profile is DnsProfile.NODELOCAL:
        return not traits.by_identity
    return cluster.dns.profile is DnsProfile.EKS_AUTO


def _custom_faults(cluster: Cluster, traits: Traits) -> Iterator[Refusal]:
    dns, network = cluster.dns, cluster.network
    if dns.addresses:
        yield _fault(
            "dns profile custom takes its addresses from dns.resolver",
            "move dns.addresses to dns.resolver.addresses",
        )
    given = dns.resolver
    if given is None or not (given.namespace or given.addresses):
        yield _fault(
            "dns profile custom needs a resolver",
            "write dns.resolver with a namespace and labels, with addresses, or with both",
        )
        return
    if given.labels and not given.namespace:
        yield _fault(
            "dns.resolver has pod labels and no namespace",
            "write dns.resolver.namespace beside the labels",
        )
    limit = labels_limit(given.labels)
    if limit:
        yield limit
    inside = (*network.pod_cidrs, *network.node_cidrs) if traits.by_identity else ()
    for address in given.addresses:
        for own in (*network.service_cidrs, *inside):
            if contains(own, address):
                yield _fault(
                    f"the resolver {address} lies inside the cluster's own {own}, and "
                    f"{cluster.release.engine} judges the pod or node behind it",
                    "name the resolver's pods with dns.resolver.namespace and labels",
                )


def _fault(why: str, remedy: str) -> Refusal:
    return Refusal(id="dns-resolver", why=why, remedy=remedy)
