"""Where the pods of a cluster resolve names, by the cluster's DNS profile.

Ports are those behind the service, since every engine judges after service translation.
Sources, per profile: the DNS sections of the engines' documentation and of the clouds.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from transire.model.intent import Cluster, Dns, DnsProfile, Pods
from transire.model.net import Network, merge_networks

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
    """Everything that serves a pod's DNS queries, over UDP and TCP on one port.

    `on_node` means that the addresses are served on the pod's own node, so that an engine which
    knows nodes by identity must name the node beside the addresses:
    which identity such an address carries has differed between releases.
    """

    pods: tuple[Pods, ...]
    addresses: tuple[Network, ...]
    on_node: bool
    port: int


def dns_resolvers(cluster: Cluster) -> Resolvers:
    """The cluster's resolvers; empty where `resolver_faults` finds something."""
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
