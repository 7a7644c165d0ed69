"""Where the pods of a cluster ask for names, by its DNS profile, in the words of a question."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from transire.model.engine import Release
from transire.model.intent import Cluster, Dns, DnsProfile, GitOps, Resolver
from transire.queries.cluster_state import ClusterState
from transire.queries.declared_cluster import declared_resolver
from transire.queries.query import Connection, DnsQuery, Query, Source

CUSTOM = Resolver(namespace="dns", labels=(("app", "unbound"),), port=5300)


def cluster(dns: Dns) -> Cluster:
    return Cluster(
        name="c",
        release=Release(engine="kubernetes"),
        environment="prod",
        dns=dns,
        gitops=GitOps.FLUX,
    )


def profile(name: DnsProfile, *addresses: str) -> Dns:
    return Dns(profile=name, addresses=tuple(ip_network(each) for each in addresses))


@pytest.mark.parametrize(
    ("dns", "server", "port", "where"),
    [
        (profile(DnsProfile.OPENSHIFT), "openshift-dns/dns", 5353, "the DNS pods of openshift-dns"),
        (profile(DnsProfile.AKS_LOCALDNS), "169.254.10.1", 53, "169.254.10.1"),
        (profile(DnsProfile.GKE_CLOUD_DNS), "169.254.169.254", 53, "169.254.169.254"),
        (profile(DnsProfile.NODELOCAL, "169.254.20.10/32"), "169.254.20.10", 53, "169.254.20.10"),
        (profile(DnsProfile.EKS_AUTO, "172.20.0.10/32"), "172.20.0.10", 53, "172.20.0.10"),
        (Dns(profile=DnsProfile.CUSTOM, resolver=CUSTOM), "dns/dns", 5300, "the DNS pods of dns"),
    ],
)
def test_a_question_without_a_resolver_goes_to_the_declared_one(
    dns: Dns, server: str, port: int, where: str
) -> None:
    resolver, state = declared_resolver(cluster(dns))
    source = Source(namespace="a")

    assert (resolver.server, resolver.port, state.dns_server) == (server, port, server)
    assert resolver.caveat.text == (
        f"names are taken to be asked at {where}, port {port}, as dns profile {dns.profile} of "
        "cluster c declares"
    )
    for what, expected in (
        (
            DnsQuery(host="x.org", protocol="TCP"),
            DnsQuery(host="x.org", protocol="TCP", dns_server=server, port=port),
        ),
        (
            Connection(host="x.org", port=443, protocol="TCP"),
            Connection(host="x.org", port=443, protocol="TCP", dns_server=server, dns_port=port),
        ),
    ):
        assert resolver.with_resolver(Query(id="1", source=source, what=what)).what == expected


def test_the_usual_resolver_changes_no_question() -> None:
    resolver, state = declared_resolver(cluster(profile(DnsProfile.COREDNS)))
    query = Query(id="1", source=Source(namespace="a"), what=DnsQuery(host="x.org"))

    assert resolver.with_resolver(query) is query
    assert state == ClusterState(name="c")


@pytest.mark.parametrize(
    "what",
    [
        DnsQuery(host="x.org", dns_server="10.0.0.1"),
        Connection(host="x.org", port=443, protocol="TCP", dns_server="10.0.0.1"),
        Connection(port=443, protocol="TCP"),
    ],
)
def test_a_question_that_names_its_resolver_or_needs_none_is_left_alone(
    what: DnsQuery | Connection,
) -> None:
    resolver, _ = declared_resolver(cluster(profile(DnsProfile.OPENSHIFT)))
    query = Query(id="1", source=Source(namespace="a"), what=what)

    assert resolver.with_resolver(query) is query
