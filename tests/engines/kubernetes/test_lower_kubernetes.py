"""What NetworkPolicy cannot say, in full words, and the traps of what it can."""

from __future__ import annotations

import pytest

from support.engines.lowering_parts import (
    CLUSTER_AT,
    NETWORK,
    TARGET_AT,
    Text,
    baseline,
    cluster,
    items_of,
    refusals,
    target,
)
from support.engines.lowering_refusals import in_cluster, in_rule, refused

PROXY: Text = {"proxy": {"namespace": "egress-proxy", "pods": {"app": "squid"}, "port": 3128}}


@pytest.mark.parametrize(
    "host", ["api.stripe.com", "*.a.example", "**.a.example", "s3-*.a.example"]
)
def test_no_host_can_be_said(host: str) -> None:
    expected = [
        in_rule(
            "kubernetes",
            11,
            f"{host} is a name, and NetworkPolicy knows addresses and pods only "
            "(host-not-expressible)",
            "declare a fallback for cluster 'here' (a proxy), use cilium or calico-enterprise, or "
            "write {cidr: ...} where the addresses are fixed",
        )
    ]

    assert expected == refused("kubernetes", "", [host], approximate=["narrow", "widen"])
    assert refused("kubernetes", "", [host], fallback=PROXY) == []


def test_a_service_account_cannot_select_pods() -> None:
    sources = [{"labels": {"app": "web"}}, {"serviceAccount": "billing"}]
    expected = [
        in_rule(
            "kubernetes",
            10,
            "it is for pods of the service account 'billing', and kubernetes selects pods by their "
            "labels only (account-not-expressible)",
            "select the pods by a label of their own, which every engine can, or use an engine "
            "that knows service accounts",
        )
    ]

    assert expected == refused("kubernetes", "", [{"namespace": "a"}], **{"from": sources})


def test_the_api_server_cannot_be_said() -> None:
    expected = [
        in_rule(
            "kubernetes",
            11,
            "kube-apiserver has no selector in NetworkPolicy (entity-not-expressible)",
            "use cilium or calico, or write {cidr: ...} if its address lies outside the cluster",
        )
    ]

    assert expected == refused("kubernetes", "", [{"entity": "kube-apiserver"}])


def test_nodes_need_their_ranges() -> None:
    expected = [
        in_rule(
            "kubernetes",
            11,
            "kubernetes knows nodes by address only, and none are declared (nodes-not-declared)",
            "declare network.nodeCIDRs for cluster 'here'",
        )
    ]

    assert expected == refused("kubernetes", "", [{"entity": "nodes"}])
    assert refused("kubernetes", "", [{"entity": "nodes"}], network=NETWORK) == []


def test_audit_is_not_possible() -> None:
    remedy = "publish with mode: enforce, or use cilium 1.16, calico 3.30 or calico-enterprise"
    why = "needs a policy that does not enforce, and NetworkPolicy has none (audit-not-possible)"
    here = cluster("kubernetes")
    of_target = in_cluster("kubernetes", TARGET_AT, f"mode audit of payments-prod {why}", remedy)
    of_baseline = in_cluster("kubernetes", CLUSTER_AT, f"mode audit of a, b {why}", remedy)

    assert [of_target] == refusals(target(here, mode="audit"))
    assert [of_baseline] == refusals(baseline(here, audit=["b", "a"]))


def test_an_exception_is_never_the_whole_range() -> None:
    to: list[Text] = [{"cidr": "10.0.0.0/8"}, {"cidr": "203.0.113.0/24"}]
    written = target(cluster("kubernetes", network=NETWORK), [{"name": "one", "to": to}])

    assert items_of(written, "egress-allow-one") == [
        {
            "cidrs": [
                {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/16", "10.96.0.0/12"]},
                {"cidr": "203.0.113.0/24"},
            ],
            "ports": [{"port": 443, "protocol": "TCP"}],
        }
    ]


def test_ports_always_stand_beside_a_destination_and_name_their_protocol() -> None:
    egress: list[Text] = [
        {
            "name": "one",
            "to": [{"namespace": "a"}, {"cidr": "198.51.100.0/24"}, {"entity": "nodes"}],
            "ports": ["443", "8000-8010", "53/UDP"],
        }
    ]
    found = items_of(target(cluster("kubernetes", network=NETWORK), egress), "egress-allow-one")
    ports = [
        {"port": 443, "protocol": "TCP"},
        {"port": 8000, "endPort": 8010, "protocol": "TCP"},
        {"port": 53, "protocol": "UDP"},
    ]

    assert [list(each) for each in found] == [
        ["cidrs", "ports"],
        ["pods", "ports"],
        ["cidrs", "ports"],
    ]
    assert [ports, ports, ports] == [each["ports"] for each in found]


def test_pods_of_any_namespace_are_said_so() -> None:
    written = target(cluster("kubernetes"), inCluster="all")

    assert items_of(written, "egress-in-cluster") == [
        {"pods": [{"anyNamespace": True, "labels": {}}], "ports": "all"}
    ]
