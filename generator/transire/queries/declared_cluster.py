"""What a platform declares of a cluster, as far as queries about its pods depend on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from transire.meaning.premises.dns_resolvers import COREDNS, DNS_PORT, Resolvers, dns_resolvers
from transire.model.intent import Cluster, Pods
from transire.model.net import Network
from transire.queries.cluster_state import ClusterState, NamedPort, Pod
from transire.queries.query import Caveat, Connection, DnsQuery, Query

_USUAL_SERVER = ClusterState().dns_server


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredResolver:
    """Where the pods of a cluster resolve names, as its DNS profile declares.

    `server` is a pod as `namespace/name` or an address, as a query has it.
    """

    server: str
    port: int
    caveat: Caveat

    def with_resolver(self, query: Query) -> Query:
        """The query with this resolver where it names none."""
        what = query.what
        if self.server == _USUAL_SERVER and self.port == DNS_PORT:
            return query
        if what.dns_server or (isinstance(what, Connection) and not what.host):
            return query
        return replace(query, what=self._at(what))

    def _at(self, what: DnsQuery | Connection) -> DnsQuery | Connection:
        if isinstance(what, DnsQuery):
            return replace(what, dns_server=self.server, port=self.port)
        return replace(what, dns_server=self.server, dns_port=self.port)


def declared_state(cluster: Cluster) -> ClusterState:
    """What is declared of a cluster, of which nothing else is known."""
    state = ClusterState(definitions=cluster.definitions, ranges=cluster.network.own)
    return state if cluster.mesh is None else replace(state, name=cluster.mesh.name, mesh=True)


def declared_resolver(cluster: Cluster) -> tuple[DeclaredResolver, ClusterState]:
    """The resolver that pods query first, and a cluster that holds it and nothing else.

    Pods query the addresses where the profile has some, else the first of its pods.
    """
    ways = dns_resolvers(cluster)
    server, where = _USUAL_SERVER, "CoreDNS in kube-system"
    state = declared_state(cluster)
    if cluster.mesh is None:
        state = replace(state, name=cluster.name)
    if ways.addresses:
        server = where = str(_first_host(ways.addresses[0]))
        state = replace(state, dns_server=server)
    elif ways.pods and ways.pods[0] != COREDNS:
        pod = _pod(ways.pods[0], ways)
        server = f"{pod.namespace}/{pod.name}"
        where = f"the DNS pods of {pod.namespace}"
        state = replace(state, pods=(pod,), dns_server=server)
    text = (
        f"names are taken to be asked at {where}, port {ways.port}, as dns profile "
        f"{cluster.dns.profile} of cluster {cluster.name} declares"
    )
    return DeclaredResolver(
        server=server, port=ways.port, caveat=Caveat(id="declared-resolver", text=text)
    ), state


def _first_host(network: Network) -> object:
    return network[1] if network.num_addresses > 1 else network[0]


def _pod(pods: Pods, ways: Resolvers) -> Pod:
    """A pod with these labels and the port names that DNS pods have."""
    return Pod(
        namespace=pods.namespace,
        name="dns",
        labels=MappingProxyType(dict(pods.labels)),
        named_ports=MappingProxyType(
            {
                "dns": NamedPort(port=ways.port, protocol="UDP"),
                "dns-tcp": NamedPort(port=ways.port, protocol="TCP"),
            }
        ),
    )
