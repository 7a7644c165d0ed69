"""Known networks and ports of one destination, as guardrails see them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from support.values.one_rule import DAY, at, ids, organisation, rule
from transire.model.guardrail import Guardrails
from transire.model.intent import (
    AddressRange,
    Host,
    KnownNetwork,
    Organisation,
    ProxyFallback,
    Rule,
)
from transire.model.intent import with_networks as on_cluster
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.values.guardrails.registry import review

VPC = KnownNetwork(name="data-vpc", cidrs=(ip_network("10.90.0.0/16"),))


def with_networks(entry: Rule, *networks: KnownNetwork) -> Organisation:
    whole = organisation(entry)
    settings = Guardrails(require_ticket_for=frozenset({"cidr"}))
    platform = replace(whole.platform, networks=networks, guardrails=settings)
    clusters = tuple(
        on_cluster(replace(each, name=name), networks)
        for name in ("eu", "us")
        for each in platform.clusters
    )
    return replace(whole, platform=replace(platform, clusters=clusters))


@pytest.mark.parametrize(
    "destination",
    [
        AddressRange(cidr=ip_network("10.90.0.0/16"), network="data-vpc", at=at(9)),
        AddressRange(cidr=ip_network("10.90.4.0/24"), at=at(9)),
    ],
)
def test_a_known_network_needs_no_ticket_no_exception_and_no_allowed_port(
    destination: AddressRange,
) -> None:
    entry = rule(destinations=(destination,), ports=(PortRange.parse("5432"),))

    assert ids(with_networks(entry, VPC)) == []


def test_what_is_outside_of_a_known_network_needs_both() -> None:
    entry = rule(destinations=(AddressRange(cidr=ip_network("10.90.0.0/15"), at=at(9)),))

    assert ids(with_networks(entry, VPC)) == [
        ("cidr-needs-ticket", "error"),
        ("private-cidr", "error"),
    ]


def test_a_network_counts_on_the_clusters_that_have_it() -> None:
    entry = rule(destinations=(AddressRange(cidr=ip_network("10.90.4.0/24"), at=at(9)),))
    here, there = (replace(VPC, clusters=frozenset({name})) for name in ("eu", "us"))

    assert ids(with_networks(entry, here)) == []
    assert ids(with_networks(entry, there)) == [
        ("cidr-needs-ticket", "error"),
        ("private-cidr", "error"),
    ]


def test_a_known_network_is_not_the_world() -> None:
    entry = rule(destinations=(Host(pattern=HostPattern("api.example.com"), at=at(9)),))
    whole = with_networks(
        entry, KnownNetwork(name="all", cidrs=(ip_network("0.0.0.0/0"),), at=at(12))
    )

    assert [str(each) for each in review(whole, DAY)] == [
        (
            "values/teams/shop.yaml:12:5: error: 0.0.0.0/0 as the known network 'all' is not "
            "allowed (no-world-cidr)\n"
            "  help: write the ranges of the network itself"
        )
    ]


def test_a_proxy_is_not_the_world() -> None:
    whole = organisation(rule(destinations=(Host(pattern=HostPattern("api.example.com")),)))
    fallback = ProxyFallback(to=AddressRange(cidr=ip_network("::/0"), at=at(5)), port=3128)
    cluster = replace(whole.platform.clusters[0], fallback=fallback)
    platform = replace(whole.platform, clusters=(cluster,))

    assert [str(each) for each in review(replace(whole, platform=platform), DAY)] == [
        (
            "values/teams/shop.yaml:5:5: error: ::/0 as the proxy of cluster 'eu' is not allowed "
            "(no-world-cidr)\n"
            "  help: write the addresses of the proxy itself, and nothing around them"
        )
    ]


def test_ports_of_destinations_are_found_where_they_are() -> None:
    entry = rule(
        destinations=(
            Host(
                pattern=HostPattern("a.example.com"),
                ports=(PortRange.parse("53"), PortRange.parse("8443")),
                at=at(9),
            ),
            Host(pattern=HostPattern("b.example.com"), at=at(10)),
        ),
    )

    shown = [str(each).partition("\n")[0] for each in review(organisation(entry), DAY)]

    assert shown == [
        f"values/teams/shop.yaml:9:5: error: port {message}"
        for message in (
            "53/TCP of 'world' is not allowed outside the cluster (port-not-allowed)",
            "8443/TCP of 'world' is not allowed outside the cluster (port-not-allowed)",
            "53/TCP of 'world' lets DNS out on port 53 (resolver-bypass)",
        )
    ]


def test_a_wildcard_covers_hosts_on_its_own_ports_only() -> None:
    def entry(port: str) -> Rule:
        return rule(
            destinations=(
                Host(pattern=HostPattern("*.example.com"), at=at(9)),
                Host(
                    pattern=HostPattern("api.example.com"), ports=(PortRange.parse(port),), at=at(9)
                ),
            )
        )

    assert "redundant-host" in dict(ids(organisation(entry("443"))))
    assert "redundant-host" not in dict(ids(organisation(entry("8443"))))
