"""Every trap of Cilium that lowering could fall into, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.engines.lowering_parts import (
    NETWORK,
    Text,
    baseline,
    cluster,
    items_of,
    lowered,
    remarks_of,
    rules_of,
    target,
)
from support.engines.lowering_refusals import in_rule, refused

VERSIONS = ["1.14", "1.15", "1.16", "1.17", "1.18", "1.19", "1.20"]
KINDS = {"cidrs", "endpoints", "entities", "fqdns"}
EVERYTHING = [
    "api.example.com",
    "*.example.net",
    {"cidr": "198.51.100.0/24"},
    {"namespace": "ledger", "pods": {"app": "ledger"}},
    {"entity": "kube-apiserver"},
    {"entity": "nodes"},
]


def items(version: str, to: list[Any], **text: Any) -> list[Any]:  # noqa: ANN401 - as in a file
    here = {key: text.pop(key) for key in {"hardening", "dns", "network"} & text.keys()}
    written = target(cluster("cilium", version, **here), [{"name": "one", "to": to, **text}])
    return items_of(written, "egress-allow-one")


def hosts(version: str, to: list[Any], **text: Any) -> list[Any]:  # noqa: ANN401 - as in a file
    [item] = items(version, to, **text)
    return [next(iter(each.values())) for each in item["fqdns"]]


def lists(tree: object) -> Iterator[list[Any]]:
    if isinstance(tree, dict):
        for value in tree.values():
            yield from lists(value)
    elif isinstance(tree, list):
        yield tree
        for value in tree:
            yield from lists(value)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_list_below_a_rule_is_ever_empty(version: str) -> None:
    here = cluster("cilium", version, hardening=["sni"])
    written = target(here, [{"name": "one", "to": ["a.example.com", *EVERYTHING[2:]]}])
    found = [each for rule in rules_of(written).values() for each in lists(rule)]

    assert len(found) > 10
    assert [] not in found


@pytest.mark.parametrize("version", VERSIONS)
def test_each_item_has_one_kind_of_destination_and_its_own_ports(version: str) -> None:
    found = items(version, EVERYTHING, ports=["443", "22"])

    assert [next(iter(each)) for each in found] == ["fqdns", "cidrs", "endpoints", "entities"]
    assert [len(KINDS & each.keys()) for each in found] == [1, 1, 1, 1]
    assert [found[0]["ports"]] * 4 == [each["ports"] for each in found]


def test_hosts_never_stand_without_ports() -> None:
    [item] = items("1.19", ["a.example.com"])

    assert item["ports"] == [{"ports": [{"port": 443, "protocol": "TCP"}]}]


@pytest.mark.parametrize("count", [40, 41, 80, 81])
def test_more_than_40_ports_are_split_into_groups(count: int) -> None:
    ports = [str(port) for port in range(1001, 1001 + 2 * count, 2)]
    [item] = items("1.19", ["a.example.com"], ports=ports)
    written = [each["port"] for group in item["ports"] for each in group["ports"]]

    assert [int(port) for port in ports] == written
    assert -(-count // 40) == len(item["ports"])
    assert max(len(group["ports"]) for group in item["ports"]) == 40


@pytest.mark.parametrize("version", ["1.14", "1.15"])
def test_end_port_is_never_written_before_1_16(version: str) -> None:
    [item] = items(version, ["a.example.com"], ports=["8000-8003", "53-54/UDP"])

    assert item["ports"][0]["ports"] == [
        {"port": 8000, "protocol": "TCP"},
        {"port": 8001, "protocol": "TCP"},
        {"port": 8002, "protocol": "TCP"},
        {"port": 8003, "protocol": "TCP"},
        {"port": 53, "protocol": "UDP"},
        {"port": 54, "protocol": "UDP"},
    ]


@pytest.mark.parametrize("version", ["1.16", "1.17", "1.18", "1.19"])
def test_end_port_is_greater_than_its_port(version: str) -> None:
    [item] = items(version, ["a.example.com"], ports=["8000-8001", "443"])

    assert item["ports"][0]["ports"] == [
        {"port": 443, "protocol": "TCP"},
        {"port": 8000, "endPort": 8001, "protocol": "TCP"},
    ]


@pytest.mark.parametrize("version", VERSIONS[:-2])
def test_two_stars_are_never_written_where_they_are_one_label(version: str) -> None:
    assert hosts(version, ["**.example.com"], approximate=["narrow"]) == [
        "*.*.*.*.example.com",
        "*.*.*.example.com",
        "*.*.example.com",
        "*.example.com",
    ]


def test_two_stars_are_written_where_they_are_any_depth() -> None:
    assert hosts("1.19", ["**.s3-*.example.com", "**.example.com"]) == [
        "**.example.com",
        "**.s3-*.example.com",
    ]


def test_a_narrowed_wildcard_shows_a_host_that_it_misses() -> None:
    written = target(
        cluster("cilium", "1.18"),
        [{"name": "one", "to": ["**.s3-*.example.com"], "approximate": ["narrow"]}],
    )
    [found] = lowered(written).approximated

    assert found.example == "a.b.c.d.e.s3-a.example.com"
    assert found.became == (
        "*.s3-*.example.com",
        "*.*.s3-*.example.com",
        "*.*.*.s3-*.example.com",
        "*.*.*.*.s3-*.example.com",
    )


def test_a_depth_that_no_legal_name_has_is_not_written() -> None:
    parent = ".".join(["a" * 60] * 4) + ".exampl"

    assert [f"*.{parent}"] == hosts("1.18", [f"**.{parent}"], approximate=["narrow"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wildcard_never_brings_the_name_above_it(version: str) -> None:
    assert hosts(version, ["*.example.com"]) == ["*.example.com"]


@pytest.mark.parametrize("version", VERSIONS)
def test_queries_are_allowed_over_udp_and_tcp_with_every_name_seen(version: str) -> None:
    [item] = items_of(target(cluster("cilium", version)), "egress-dns")

    assert item["ports"] == [
        {
            "ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
            "dns": [{"matchPattern": "*"}],
        }
    ]


def test_the_resolver_is_named_with_its_namespace() -> None:
    [item] = items_of(target(cluster("cilium", "1.19")), "egress-dns")

    assert item["endpoints"] == [{"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}]


def test_openshift_is_asked_on_the_port_of_its_pods() -> None:
    [item] = items_of(target(cluster("cilium", "1.19", dns={"profile": "openshift"})), "egress-dns")

    assert [each["port"] for each in item["ports"][0]["ports"]] == [5353, 5353]


def test_queries_are_allowed_for_every_pod_that_has_host_rules() -> None:
    written = target(
        cluster("cilium", "1.19"), [{"name": "one", "from": {"app": "x"}, "to": ["a.example.com"]}]
    )

    assert rules_of(written)["egress-dns"]["from"] == {}


def test_restricted_names_always_hold_what_host_rules_need() -> None:
    here = cluster("cilium", "1.19", dns={"profile": "coredns", "restrict": True})
    egress: list[Text] = [
        {"name": "one", "from": {"app": "x"}, "to": ["a.example.com", "*.b.example.com"]},
        {"name": "two", "to": ["**.c.example.com"]},
    ]
    found = rules_of(target(here, egress))
    asked = {
        name: {next(iter(each.values())) for each in rule["to"][0]["ports"][0]["dns"]}
        for name, rule in found.items()
        if rule["layer"] == "dns"
    }

    assert {
        "egress-dns": {"**.cluster.local", "**.c.example.com"},
        "egress-dns-app-x-564aba3fd9": {"a.example.com", "*.b.example.com"},
    } == asked


def test_the_baseline_does_not_lift_what_a_team_may_ask() -> None:
    here = cluster("cilium", "1.19", dns={"profile": "coredns", "restrict": True})
    found = rules_of(baseline(here, [{"name": "time", "to": ["time.example.com"]}]), "enforce")
    [item] = found["egress-baseline-dns"]["to"]

    assert item["ports"][0]["dns"] == [
        {"matchPattern": "**.cluster.local"},
        {"matchName": "time.example.com"},
    ]


def test_a_name_too_long_with_a_suffix_is_not_asked_with_it() -> None:
    name = ".".join(["a" * 60] * 4)
    here = cluster(
        "cilium", "1.19", dns={"profile": "coredns", "restrict": True, "search": ["x" * 12]}
    )
    [item] = items_of(target(here, [{"name": "one", "to": [name]}]), "egress-dns")

    assert [{"matchPattern": "**.cluster.local"}, {"matchName": name}] == item["ports"][0]["dns"]


def test_server_names_are_exactly_the_hosts_of_the_rule() -> None:
    [item] = items("1.19", ["b.example.com", "*.a.example.com"], hardening=["sni"])

    assert item["ports"][0]["serverNames"] == ["*.a.example.com", "b.example.com"]


@pytest.mark.parametrize(
    ("ports", "groups"),
    [
        (["443"], [(["443"], True)]),
        (["443/UDP"], [(["443/UDP"], False)]),
        (["442-444"], [(["443"], True), (["442", "444"], False)]),
        (["400-500"], [(["443"], True), (["400-442", "444-500"], False)]),
        (["443-500"], [(["443"], True), (["444-500"], False)]),
        (["8443"], [(["8443"], False)]),
    ],
)
def test_only_443_over_tcp_carries_server_names(
    ports: list[str], groups: list[tuple[list[str], bool]]
) -> None:
    [item] = items("1.19", ["a.example.com"], hardening=["sni"], ports=ports)
    written = [
        ([shown(each) for each in group["ports"]], "serverNames" in group)
        for group in item["ports"]
    ]

    assert groups == written


def shown(port: dict[str, Any]) -> str:
    last = f"-{port['endPort']}" if "endPort" in port else ""
    protocol = "" if port["protocol"] == "TCP" else f"/{port['protocol']}"
    return f"{port['port']}{last}{protocol}"


def test_ports_without_server_names_are_told() -> None:
    here = cluster("cilium", "1.19", hardening=["sni"])
    egress = [{"name": "one", "to": ["a.example.com"], "ports": ["443", "443/UDP", "8443"]}]

    assert remarks_of(target(here, egress)) == [
        (
            "one",
            (
                "no server name is checked on 8443/TCP, 443/UDP, so other hosts on the same addresses "
                "are reachable there"
            ),
        )
    ]


def test_a_range_without_server_names_is_told() -> None:
    here = cluster("cilium", "1.19", hardening=["sni"])
    egress: list[Text] = [
        {"name": "one", "to": ["a.example.com"]},
        {"name": "two", "to": [{"cidr": "198.51.100.0/24"}]},
        {"name": "three", "to": [{"cidr": "203.0.113.0/24"}], "ports": [22]},
    ]
    expected = (
        "its ranges are reachable on 443/TCP under any server name, also where such an address "
        "answers for an allowed host"
    )

    assert [("two", expected)] == remarks_of(target(here, egress))


def test_a_range_of_ports_around_443_says_443_alone_beside_server_names() -> None:
    [item] = items("1.19", [{"cidr": "198.51.100.0/24"}], hardening=["sni"], ports=["400-500"])

    assert [group["ports"] for group in item["ports"]] == [
        [{"port": 443, "protocol": "TCP"}],
        [
            {"port": 400, "endPort": 442, "protocol": "TCP"},
            {"port": 444, "endPort": 500, "protocol": "TCP"},
        ],
    ]


def test_ranges_keep_clear_of_addresses_with_credentials() -> None:
    [item] = items("1.19", [{"cidr": "169.254.0.0/16"}, {"cidr": "169.254.169.254/32"}])

    assert item["cidrs"] == [
        {
            "cidr": "169.254.0.0/16",
            "except": [
                *("169.254.0.23/32", "169.254.42.42/32", "169.254.169.252/32"),
                *("169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32"),
            ],
        },
        {"cidr": "169.254.169.254/32"},
    ]


def test_every_exception_lies_strictly_inside_its_range() -> None:
    [item] = items("1.19", [{"cidr": "169.254.169.254/31"}, {"cidr": "169.254.169.252/30"}])

    assert item["cidrs"] == [
        {"cidr": "169.254.169.252/30", "except": ["169.254.169.252/32", "169.254.169.254/32"]},
        {"cidr": "169.254.169.254/31", "except": ["169.254.169.254/32"]},
    ]


def test_ranges_need_no_declared_network_since_they_never_match_pods_or_nodes() -> None:
    [item] = items("1.19", [{"cidr": "10.0.0.0/8"}])
    [declared] = items("1.19", [{"cidr": "10.0.0.0/8"}], network=NETWORK)

    assert [{"cidr": "10.0.0.0/8"}] == item["cidrs"] == declared["cidrs"]


def test_a_resolver_on_the_node_is_allowed_by_address_and_by_identity() -> None:
    dns = {"profile": "nodelocal", "addresses": ["169.254.20.10"]}
    found = items_of(target(cluster("cilium", "1.16", dns=dns)), "egress-dns")

    assert found[0]["cidrs"] == [{"cidr": "169.254.20.10/32"}]
    assert found[2]["entities"] == ["host"]


def test_in_cluster_pods_are_never_entities() -> None:
    written = target(cluster("cilium", "1.19"), inCluster="all")

    assert items_of(written, "egress-in-cluster") == [
        {"endpoints": [{"anyNamespace": True, "labels": {}}], "ports": "all"}
    ]


@pytest.mark.parametrize("version", ["1.16", "1.17", "1.18", "1.19"])
def test_an_audit_asks_for_no_server_name_and_limits_no_query(version: str) -> None:
    dns = {"profile": "coredns", "restrict": version == "1.19"}
    here = cluster("cilium", version, hardening=["sni"], dns=dns)
    written = target(here, [{"name": "one", "to": ["s3-*.example.com"]}], mode="audit")
    groups = [group for rule in rules_of(written).values() for group in rule["to"][0]["ports"]]

    assert groups == [
        {
            "ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
            "dns": [{"matchPattern": "*"}],
        },
        {"ports": [{"port": 443, "protocol": "TCP"}]},
    ]


@pytest.mark.parametrize(
    ("version", "told"), [("1.18", 1), ("1.18.8", 1), ("1.18.9", 0), ("1.19", 0), ("1.17", 0)]
)
def test_overlapping_hosts_are_told_where_cilium_loses_one(version: str, told: int) -> None:
    egress = [{"name": "one", "to": ["a.example.com", "*.example.com"]}]

    assert [
        (
            "one",
            "before 1.18.9 cilium may drop a.example.com, because *.example.com covers it too",
        )
    ] * told == remarks_of(target(cluster("cilium", version), egress))


def test_a_pod_of_any_namespace_cannot_stand_in_by_its_labels() -> None:
    pods = {"io.kubernetes.pod.namespace": "kube-system"}
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            "the label io.kubernetes.pod.namespace is one that network engines set themselves "
            "(label-not-selectable)",
            "select the pods by another label",
        )
    ]

    assert expected == refused("cilium", "1.19", [{"namespace": "ledger", "pods": pods}])
