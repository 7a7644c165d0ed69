"""What Cilium cannot say of a rule, in full words."""

from __future__ import annotations

import pytest

from support.engines.lowering_parts import NETWORK
from support.engines.lowering_refusals import in_rule, refused


@pytest.mark.parametrize("version", ["1.14", "1.15", "1.16", "1.17", "1.18", "1.18.9"])
def test_any_depth_needs_1_19_or_consent(version: str) -> None:
    expected = [
        in_rule(
            f"cilium@{version}",
            11,
            "**.example.net is any depth, and before 1.19 cilium takes ** for one label "
            "(host-not-expressible)",
            "accept depths 1 to 4 with approximate: [narrow] on the rule, name the hosts, or "
            "use cilium 1.19",
        )
    ]

    assert expected == refused("cilium", version, ["**.example.net"])
    assert expected == refused("cilium", version, ["**.example.net"], approximate=["widen"])
    assert refused("cilium", version, ["**.example.net"], approximate=["narrow"]) == []
    assert refused("cilium", "1.19", ["**.example.net"]) == []


@pytest.mark.parametrize("bare", ["*", "**"])
def test_a_bare_wildcard_is_given_to_nobody(bare: str) -> None:
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            f"{bare} alone would be every name that anybody resolves (bare-wildcard)",
            "name the hosts, or a wildcard below a domain of one owner",
        )
    ]

    assert expected == refused("cilium", "1.19", [bare])


@pytest.mark.parametrize("host", ["example.*", "example.co*"])
def test_a_wildcard_in_the_last_label_is_given_to_nobody(host: str) -> None:
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            f"{host} would be hosts of many top-level domains (wildcard-in-last-label)",
            "name the hosts, or write the wildcard before a domain of one owner",
        )
    ]

    assert expected == refused("cilium", "1.19", [host])


@pytest.mark.parametrize("host", ["ledger.books.svc.cluster.local", "*.svc.cluster.local"])
def test_names_inside_the_cluster_are_no_hosts(host: str) -> None:
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            f"{host} is a name inside the cluster, and host rules never reach pods "
            "(host-in-cluster)",
            "write {namespace: NAME, pods: {LABEL: VALUE}} instead",
        )
    ]

    assert expected == refused("cilium", "1.19", [host])
    assert refused("cilium", "1.19", [host], network={"domain": "k8s.example"}) == []


@pytest.mark.parametrize("version", ["1.14", "1.15"])
def test_more_than_40_ports_in_ranges_need_1_16(version: str) -> None:
    expected = [
        in_rule(
            f"cilium@{version}",
            10,
            "before 1.16 cilium has no port ranges, and the rule's ports with 8000-8040/TCP, "
            "9000-9001/UDP come to 44 single ports, which is more than 40 "
            "(port-range-not-expressible)",
            "name at most 40 ports in the rule, or use cilium 1.16",
        )
    ]
    ports = ["443", "8000-8040", "9000-9001/UDP"]

    assert expected == refused("cilium", version, ["a.example.com"], ports=ports)
    assert refused("cilium", "1.16", ["a.example.com"], ports=ports) == []
    assert refused("cilium", version, ["a.example.com"], ports=["8000-8039"]) == []


@pytest.mark.parametrize("host", ["s3-*.example.com", "*.*.example.com", "**.s3-*.example.com"])
def test_part_of_a_label_is_a_server_name_since_1_20(host: str) -> None:
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            f"hardening sni needs {host} as a server name for 443/TCP, and before 1.20 cilium "
            "takes only *. and **. before a whole name there (server-name-not-expressible)",
            "name the hosts, use cilium 1.20, or have the platform team decide whether hardening of "
            "the cluster is sni-optional",
        )
    ]

    assert expected == refused("cilium", "1.19", [host], hardening=["sni"])
    assert expected == refused("cilium", "1.19", [host], hardening=["sni"], ports=["1-1000"])
    assert refused("cilium", "1.19", [host], hardening=["sni"], ports=["443/UDP", "8443"]) == []
    assert refused("cilium", "1.19", [host], hardening=["sni"], mode="audit") == []
    assert refused("cilium", "1.19", [host]) == []
    assert refused("cilium", "1.20", [host], hardening=["sni"]) == []


@pytest.mark.parametrize("version", ["1.14", "1.15", "1.16", "1.17"])
def test_a_wildcard_is_a_server_name_since_1_18(version: str) -> None:
    expected = [
        in_rule(
            f"cilium@{version}",
            11,
            "hardening sni needs *.example.com as a server name for 443/TCP, and cilium takes "
            "no wildcard there before 1.18 (server-name-not-expressible)",
            "name the hosts, use cilium 1.18, or have the platform team decide whether hardening of "
            "the cluster is sni-optional",
        )
    ]

    assert expected == refused("cilium", version, ["*.example.com"], hardening=["sni"])
    assert refused("cilium", "1.18", ["*.example.com"], hardening=["sni"]) == []


ELSE = "; where something else has these addresses, have the platform declare it under networks"


@pytest.mark.parametrize("cidr", ["10.0.7.0/24", "10.96.0.10/32", "fd00:10::1/128"])
def test_ranges_never_match_pods_or_services(cidr: str) -> None:
    own = {"10.0.7.0/24": "10.0.0.0/16", "10.96.0.10/32": "10.96.0.0/12"}.get(cidr, "fd00:10::/56")
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            f"{cidr} lies inside the cluster's own {own}, and a cidr means addresses outside the "
            "cluster (range-inside-cluster)",
            "name the pods ({namespace: NAME, pods: {LABEL: VALUE}}) or write {entity: nodes}"
            + ("" if own == "10.96.0.0/12" else ELSE),
        )
    ]

    assert expected == refused("cilium", "1.19", [{"cidr": cidr}], network=NETWORK)


def test_where_ranges_match_nodes_their_ranges_must_be_declared() -> None:
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            "198.51.100.0/24 may hold addresses of the cluster itself, whose IPv4 ranges are "
            "not declared: network.nodeCIDRs (range-may-overlap-cluster)",
            "declare them for cluster 'here', so that they can be left out",
        )
    ]
    agent = {"policy-cidr-match-mode": "nodes"}

    assert expected == refused("cilium", "1.19", [{"cidr": "198.51.100.0/24"}], agent=agent)
    assert (
        refused("cilium", "1.19", [{"cidr": "198.51.100.0/24"}], agent=agent, network=NETWORK) == []
    )
    assert refused("cilium", "1.19", [{"cidr": "192.168.10.7/32"}], network=NETWORK) == []


@pytest.mark.parametrize(
    "key",
    [
        "pod-template-hash",
        "controller-revision-hash",
        "kubernetes.io/os",
        "statefulset.kubernetes.io/pod-name",
        "topology.beta.kubernetes.io/zone",
    ],
)
def test_labels_that_cilium_does_not_keep_select_nothing(key: str) -> None:
    why = (
        f"cilium does not keep the label {key} in a pod's identity, so it selects no pod "
        "(label-not-selectable)"
    )
    remedy = "select the pods by another label"
    own = refused("cilium", "1.19", ["a.example.com"], **{"from": {key: "x"}})
    other = refused("cilium", "1.19", [{"namespace": "a", "pods": {key: "x"}}])

    assert [in_rule("cilium@1.19", 10, why, remedy)] == own
    assert [in_rule("cilium@1.19", 11, why, remedy)] == other


@pytest.mark.parametrize("operator", ["NotIn", "DoesNotExist"])
def test_the_absence_of_a_label_that_cilium_does_not_keep_leaves_no_pod_out(operator: str) -> None:
    values = {"values": ["x"]} if operator == "NotIn" else {}
    sources = [{"matchExpressions": [{"key": "pod-template-hash", "operator": operator, **values}]}]
    why = (
        "cilium does not keep the label pod-template-hash in a pod's identity, so it leaves no pod "
        "out (label-not-selectable)"
    )

    assert [in_rule("cilium@1.19", 10, why, "select the pods by another label")] == refused(
        "cilium", "1.19", ["a.example.com"], **{"from": sources}
    )


def test_app_labels_of_kubernetes_io_are_kept() -> None:
    chosen = {"app.kubernetes.io/name": "checkout"}

    assert refused("cilium", "1.19", ["a.example.com"], **{"from": chosen}) == []
