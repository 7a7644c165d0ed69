"""Where the pods of a cluster ask for names, by the cluster's DNS profile.

Ports are those behind the service, since every engine judges after service translation.
Sources, per profile: the DNS sections of the engines' documentation and of the clouds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from transire.engines.lowering.label_limits import labels_limit
from transire.engines.lowering.refusals import Fault
from transire.model.engine import EngineName
from transire.model.intent import Cluster, Dns, DnsProfile, Pods
from transire.model.net import Network, contains, merge_networks

DNS_PORT = 53
OPENSHIFT_PORT = 5353
"""The port of OpenShift's DNS pods, behind port 53 of the service."""

COREDNS = Pods(namespace="kube-system", labels=(("k8s-app", "kube-dns"),))
NODE_LOCAL = Pods(namespace="kube-system", labels=(("k8s-app", "node-local-dns"),))
OPENSHIFT = Pods(
    namespace="openshift-dns", labels=(("dns.operator.openshift.io/daemonset-dns", "default"),)
)

_PODS = {
    DnsProfile.COREDNS: (COREDNS,),
    DnsProfile.NODELOCAL: (COREDNS, NODE_LOCAL),
    DnsProfile.OPENSHIFT: (OPENSHIFT,),
}
_ADDRESSES = {
    DnsProfile.GKE_CLOUD_DNS: (ip_network("169.254.169.254/32"),),
    DnsProfile.AKS_LOCALDNS: (ip_network("169.254.10.0/24"),),
}
"""Addresses of a profile where the file gives none."""

_ON_NODE = frozenset(
    {
        DnsProfile.NODELOCAL,
        DnsProfile.GKE_CLOUD_DNS,
        DnsProfile.EKS_AUTO,
        DnsProfile.AKS_LOCALDNS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolvers:
    """Everything that answers a pod's queries, over UDP and TCP on one port.

    `on_node` says that the addresses are answered on the pod's own node, so that an engine which
    knows nodes by identity (Cilium's entity `host`) must name the node beside the addresses:
    which identity such an address carries has differed between Cilium's releases.
    """

    pods: tuple[Pods, ...]
    addresses: tuple[Network, ...]
    on_node: bool
    port: int


def resolvers(cluster: Cluster) -> Resolvers:
    """The cluster's resolvers; empty where `resolver_faults` has something to say."""
    dns = cluster.dns
    if dns.profile is DnsProfile.CUSTOM:
        return _custom(dns)
    addresses = dns.addresses or _ADDRESSES.get(dns.profile, ())
    return Resolvers(
        pods=_PODS.get(dns.profile, ()),
        addresses=merge_networks(addresses),
        on_node=dns.profile in _ON_NODE and bool(addresses),
        port=OPENSHIFT_PORT if dns.profile is DnsProfile.OPENSHIFT else DNS_PORT,
    )


def _custom(dns: Dns) -> Resolvers:
    given = dns.resolver
    if given is None:
        return Resolvers(pods=(), addresses=(), on_node=False, port=DNS_PORT)
    pods = (Pods(namespace=given.namespace, labels=given.labels),) if given.namespace else ()
    return Resolvers(
        pods=pods, addresses=merge_networks(given.addresses), on_node=False, port=given.port
    )


def resolver_faults(cluster: Cluster) -> Iterator[Fault]:
    """Why the cluster's DNS settings do not say where queries go; nothing where they do."""
    dns = cluster.dns
    if dns.profile is DnsProfile.CUSTOM:
        yield from _custom_faults(cluster)
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
    if _lacks_addresses(cluster):
        yield _fault(
            f"dns profile {dns.profile} needs the addresses that pods ask",
            "write dns.addresses as in a pod's /etc/resolv.conf, for example [169.254.20.10]",
        )


def _lacks_addresses(cluster: Cluster) -> bool:
    """Node-local caches that Cilium redirects to are pods, so there no address is needed."""
    if cluster.dns.addresses:
        return False
    if cluster.dns.profile is DnsProfile.NODELOCAL:
        return cluster.release.engine is not EngineName.CILIUM
    return cluster.dns.profile is DnsProfile.EKS_AUTO


def _custom_faults(cluster: Cluster) -> Iterator[Fault]:
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
    cilium = cluster.release.engine is EngineName.CILIUM
    inside = (*network.pod_cidrs, *network.node_cidrs) if cilium else ()
    for address in given.addresses:
        for own in (*network.service_cidrs, *inside):
            if contains(own, address):
                yield _fault(
                    f"the resolver {address} lies inside the cluster's own {own}, and "
                    f"{cluster.release.engine} judges the pod or node behind it",
                    "name the resolver's pods with dns.resolver.namespace and labels",
                )


def _fault(why: str, remedy: str) -> Fault:
    return Fault(id="dns-resolver", why=why, remedy=remedy)
