"""What open source Calico cannot say, in full words."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.lowering_parts import (
    CLUSTER_AT,
    DNS_AT,
    NETWORK,
    PLATFORM_FILE,
    TARGET_AT,
    Text,
    baseline,
    cluster,
    refusals,
    target,
)
from support.engines.lowering_refusals import in_cluster, in_rule, refused
from transire.model.problems import Position

PROXY: Text = {"proxy": {"namespace": "egress-proxy", "pods": {"app": "squid"}, "port": 3128}}
SET: Text = {"networkSet": {"labels": {"egress": "partners"}}}
ENGINES = [("calico", "3.30"), ("calico-enterprise", "3.22")]
PARTNER: Text = {"name": "one", "to": [{"namespace": "partner"}]}


@pytest.mark.parametrize("version", ["3.29", "3.30", "3.31", "3.32"])
@pytest.mark.parametrize(
    "host", ["api.stripe.com", "*.a.example", "**.a.example", "s3-*.a.example"]
)
def test_hosts_need_a_fallback(version: str, host: str) -> None:
    expected = [
        in_rule(
            f"calico@{version}",
            11,
            f"{host} is a name, and no release of open source calico has host rules "
            "(host-not-expressible)",
            "declare a fallback for cluster 'here' (a proxy or a GlobalNetworkSet), or use cilium "
            "or calico-enterprise",
        )
    ]

    assert expected == refused("calico", version, [host])
    assert expected == refused("calico", version, [host], approximate=["narrow", "widen"])
    assert refused("calico", version, [host], fallback=PROXY) == []


@pytest.mark.parametrize("host", ["*.a.example", "**.a.example", "s3-*.a.example"])
def test_a_set_takes_no_wildcard(host: str) -> None:
    expected = [
        in_rule(
            "calico@3.30",
            11,
            f"{host} is a wildcard, and the fallback is a GlobalNetworkSet, which is filled name by "
            "name (host-not-delegable)",
            "name the hosts, or make the fallback a proxy",
        )
    ]

    assert expected == refused("calico", "3.30", [host], fallback=SET)
    assert refused("calico", "3.30", ["api.stripe.com"], fallback=SET) == []


def test_a_set_is_found_by_its_labels_alone() -> None:
    expected = [
        in_cluster(
            "calico@3.30",
            CLUSTER_AT,
            "fallback.networkSet has no labels, so every set would be found (fallback)",
            "write the labels of one GlobalNetworkSet",
        )
    ]
    fallback: Text = {"networkSet": {"labels": {}}}

    assert expected == refused("calico", "3.30", ["api.stripe.com"], fallback=fallback)


@pytest.mark.parametrize(
    "fallback",
    [
        {"networkSet": {"labels": {"projectcalico.org/namespace": "x"}}},
        {"proxy": {"namespace": "a", "pods": {"projectcalico.org/namespace": "x"}, "port": 1}},
    ],
)
def test_a_fallback_is_not_found_by_calico_s_own_labels(fallback: Text) -> None:
    expected = [
        in_cluster(
            "calico@3.30",
            CLUSTER_AT,
            "the label projectcalico.org/namespace is one that network engines set themselves "
            "(label-not-selectable)",
            "select the pods by another label",
        )
    ]

    assert expected == refused("calico", "3.30", ["api.stripe.com"], fallback=fallback)


def test_a_proxy_takes_tcp_only() -> None:
    expected = [
        in_rule(
            "calico@3.30",
            10,
            "its hosts go through a proxy, which takes TCP only, not 3868/SCTP, 443/UDP "
            "(proxy-takes-tcp)",
            "take 3868/SCTP, 443/UDP out of the rule, or use cilium or calico-enterprise",
        )
    ]
    ports = ["443", "443/UDP", "3868/SCTP"]

    assert expected == refused("calico", "3.30", ["a.example.com"], fallback=PROXY, ports=ports)
    assert refused("calico", "3.30", ["a.example.com"], fallback=SET, ports=ports) == []
    assert refused("calico", "3.30", [{"namespace": "a"}], fallback=PROXY, ports=ports) == []


def test_audit_needs_3_30() -> None:
    expected = [
        in_cluster(
            "calico@3.29",
            TARGET_AT,
            "mode audit of payments-prod needs staged policies, which calico has since 3.30 "
            "(audit-not-possible)",
            "publish with mode: enforce, or use calico 3.30",
        )
    ]

    assert expected == refused("calico", "3.29", [{"namespace": "a"}], mode="audit")
    assert refused("calico", "3.30", [{"namespace": "a"}], mode="audit") == []
    assert refused("calico-enterprise", "3.21", [{"namespace": "a"}], mode="audit") == []


@pytest.mark.parametrize(("engine", "version"), ENGINES)
@pytest.mark.parametrize("cidr", ["198.51.100.0/24", "2001:db8::/32", "10.0.0.0/8"])
def test_ranges_need_the_cluster_s_own_to_be_declared(engine: str, version: str, cidr: str) -> None:
    family = "IPv6" if ":" in cidr else "IPv4"
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            f"{cidr} may hold addresses of the cluster itself, whose {family} ranges are not "
            "declared: network.podCIDRs, network.serviceCIDRs, network.nodeCIDRs "
            "(range-may-overlap-cluster)",
            "declare them for cluster 'here', so that they can be left out",
        )
    ]

    assert expected == refused(engine, version, [{"cidr": cidr}])
    assert refused(engine, version, [{"cidr": cidr}], network=NETWORK) == []


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_each_family_of_the_cluster_is_declared_on_its_own(engine: str, version: str) -> None:
    network = {**NETWORK, "nodeCIDRs": ["192.168.10.0/24"]}
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            "2001:db8::/32 may hold addresses of the cluster itself, whose IPv6 ranges are not "
            "declared: network.nodeCIDRs (range-may-overlap-cluster)",
            "declare them for cluster 'here', so that they can be left out",
        )
    ]
    ipv4_only = {"families": ["IPv4"]}

    assert expected == refused(engine, version, [{"cidr": "2001:db8::/32"}], network=network)
    assert refused(engine, version, [{"cidr": "2001:db8::/32"}], network=ipv4_only) == []


@pytest.mark.parametrize(("engine", "version"), ENGINES)
@pytest.mark.parametrize(
    ("cidr", "how"),
    [
        ("10.0.7.0/24", "lies inside the cluster's own 10.0.0.0/16"),
        ("10.96.0.10/32", "lies inside the cluster's own 10.96.0.0/12"),
        ("192.168.10.0/24", "lies inside the cluster's own 192.168.10.0/24"),
    ],
)
def test_ranges_of_the_cluster_itself_are_not_outside(
    engine: str, version: str, cidr: str, how: str
) -> None:
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            f"{cidr} {how}, and a cidr means addresses outside the cluster (range-inside-cluster)",
            "name the pods ({namespace: NAME, pods: {LABEL: VALUE}}) or write {entity: nodes}",
        )
    ]

    assert expected == refused(engine, version, [{"cidr": cidr}], network=NETWORK)


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_a_range_made_of_the_cluster_s_own_has_nothing_left(engine: str, version: str) -> None:
    network = {**NETWORK, "podCIDRs": ["10.0.0.0/9"], "nodeCIDRs": ["10.128.0.0/9"]}
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            "10.0.0.0/8 holds nothing but the cluster's own ranges, and a cidr means addresses "
            "outside the cluster (range-inside-cluster)",
            "name the pods ({namespace: NAME, pods: {LABEL: VALUE}}) or write {entity: nodes}",
        )
    ]

    assert expected == refused(engine, version, [{"cidr": "10.0.0.0/8"}], network=network)


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_a_rule_leaves_out_256_ranges_at_most(engine: str, version: str) -> None:
    nodes = [f"10.200.{number // 128}.{number % 128 * 2}/32" for number in range(257)]
    crowded = {**NETWORK, "nodeCIDRs": nodes}
    remedy = "write smaller ranges, or declare the cluster's network in fewer ones"
    expected = [
        in_rule(
            f"{engine}@{version}",
            10,
            "10.0.0.0/8 would leave out 259 ranges, and a rule leaves out at most 256 "
            "(too-many-holes)",
            remedy,
        )
    ]

    assert expected == refused(engine, version, [{"cidr": "10.0.0.0/8"}], network=crowded)


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_the_api_server_takes_tcp(engine: str, version: str) -> None:
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            "53/UDP cannot be written for kube-apiserver, whose service has TCP endpoints only "
            "(api-server-takes-tcp)",
            "move kube-apiserver to a rule of its own with TCP ports",
        )
    ]
    to = [{"entity": "kube-apiserver"}]

    assert expected == refused(engine, version, to, ports=["6443", "53/UDP"])
    assert refused(engine, version, to, ports=["6443"]) == []


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_nodes_need_their_ranges(engine: str, version: str) -> None:
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            f"{engine} knows nodes by address only, and none are declared (nodes-not-declared)",
            "declare network.nodeCIDRs for cluster 'here'",
        )
    ]

    assert expected == refused(engine, version, [{"entity": "nodes"}])


@pytest.mark.parametrize(("engine", "version"), ENGINES)
@pytest.mark.parametrize("nodes", ["10.0.0.0/16", "10.0.7.0/24"])
def test_nodes_among_pods_cannot_be_told_apart(engine: str, version: str, nodes: str) -> None:
    network = {**NETWORK, "nodeCIDRs": [nodes]}
    expected = [
        in_rule(
            f"{engine}@{version}",
            11,
            f"the nodes' {nodes} holds addresses of pods or services only (nodes-overlap-pods)",
            "correct network.nodeCIDRs of cluster 'here'",
        )
    ]

    assert expected == refused(engine, version, [{"entity": "nodes"}], network=network)


@pytest.mark.parametrize(("engine", "version"), ENGINES)
@pytest.mark.parametrize(
    ("tier", "why", "remedy"),
    [
        (
            {"name": "default"},
            "tier 'default' is built in or is not a DNS label (tier-name)",
            "write a tier.name of your own, such as egress",
        ),
        (
            {"name": "team.egress"},
            "tier 'team.egress' is built in or is not a DNS label (tier-name)",
            "write a tier.name of your own, such as egress",
        ),
        (
            {"order": 1_000_000},
            (
                "tier order 1000000 is not before the default tier's 1000000, so other policies could "
                "widen what ours allow (tier-order)"
            ),
            "write a tier.order below 1000000, such as 5000",
        ),
    ],
)
def test_the_tier_is_our_own_and_decided_first(
    engine: str, version: str, tier: dict[str, Any], why: str, remedy: str
) -> None:
    expected = [in_cluster(f"{engine}@{version}", Position(path=PLATFORM_FILE), why, remedy)]

    assert expected == refused(engine, version, [{"namespace": "a"}], tier=tier)


@pytest.mark.parametrize("release", ["calico@3.30", "calico-enterprise@3.22", "kubernetes@1.29"])
@pytest.mark.parametrize(
    ("text", "at", "why", "remedy"),
    [
        (
            {"dns": {"profile": "coredns", "restrict": True}},
            DNS_AT,
            (
                "dns.restrict limits the names that pods may ask, and {engine} judges queries by "
                "address and port only (dns-restrict)"
            ),
            (
                "use an engine that judges the names of queries; whether pods may ask any name is the "
                "platform's to decide"
            ),
        ),
        (
            {"hardening": ["sni"]},
            CLUSTER_AT,
            "hardening sni checks TLS server names, and {engine} cannot see them (server-names)",
            (
                "use an engine that sees server names; whether they may go unchecked is the platform's "
                "to decide"
            ),
        ),
        (
            {"agent": {"enable-policy": "always", "enable-ipv6": "true"}},
            CLUSTER_AT,
            (
                "{engine} has no agent whose flags change verdicts: enable-ipv6, enable-policy "
                "(agent-flag)"
            ),
            "remove agent",
        ),
    ],
)
def test_what_only_cilium_does_is_refused(
    release: str, text: Text, at: Position, why: str, remedy: str
) -> None:
    engine, _, version = release.partition("@")
    here = cluster(engine, version, **text)
    expected = [in_cluster(release, at, why.format(engine=engine), remedy)]

    assert expected == refusals(target(here, [PARTNER]))
    assert expected == refusals(baseline(here, [PARTNER]))
