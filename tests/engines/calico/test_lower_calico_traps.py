"""Every trap of both Calicos that lowering could fall into, by name."""

from __future__ import annotations

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

PROXY: Text = {"proxy": {"namespace": "egress-proxy", "pods": {"app": "squid"}, "port": 3128}}
ENGINES = [("calico", "3.30"), ("calico-enterprise", "3.22")]


def items(engine: str, version: str, to: list[Any], **text: Any) -> list[Any]:  # noqa: ANN401
    here = {key: text.pop(key) for key in {"dns", "fallback", "network"} & text.keys()}
    written = target(cluster(engine, version, **here), [{"name": "one", "to": to, **text}])
    return items_of(written, "egress.allow-one")


@pytest.mark.parametrize("version", ["3.29", "3.30", "3.31", "3.32"])
def test_open_source_is_never_given_a_domain(version: str) -> None:
    here = cluster("calico", version, fallback=PROXY)
    values = lowered(target(here, [{"name": "one", "to": ["api.stripe.com"]}])).values

    assert values["sets"] == []
    assert "api.stripe.com" not in str(values)


def test_domains_are_in_sets_and_never_in_rules() -> None:
    here = cluster("calico-enterprise", "3.22")
    values = lowered(target(here, [{"name": "one", "to": ["api.stripe.com"]}])).values

    assert values["sets"] == [
        {
            "name": "allow-one",
            "source": "values/teams/payments.yaml#one",
            "domains": ["api.stripe.com"],
        }
    ]
    assert "api.stripe.com" not in str(values["rules"])


def test_any_depth_is_one_star_and_one_label_never_is() -> None:
    egress: list[Text] = [
        {"name": "deep", "to": ["**.a.example.com"]},
        {"name": "flat", "to": ["*.b.example.com"], "approximate": ["widen"]},
    ]
    result = lowered(target(cluster("calico-enterprise", "3.22"), egress))

    assert [each["domains"] for each in result.values["sets"]] == [
        ["*.a.example.com"],
        ["*.b.example.com"],
    ]
    assert [(each.rule, each.example) for each in result.approximated] == [
        ("flat", "a.b.b.example.com")
    ]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_every_item_with_ports_names_one_protocol(engine: str, version: str) -> None:
    found = items(engine, version, [{"namespace": "a"}], ports=["443", "53/UDP", "3868/SCTP"])

    assert [(each["protocol"], each["ports"]) for each in found] == [
        ("SCTP", [3868]),
        ("TCP", [443]),
        ("UDP", [53]),
    ]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_single_ports_are_numbers_and_ranges_have_a_colon(engine: str, version: str) -> None:
    [found] = items(engine, version, [{"namespace": "a"}], ports=["443", "8000-8010"])

    assert found["ports"] == [443, "8000:8010"]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
@pytest.mark.parametrize("count", [50, 51])
def test_more_than_50_ports_are_split_into_items(engine: str, version: str, count: int) -> None:
    ports = [str(port) for port in range(1001, 1001 + 2 * count, 2)]
    found = items(engine, version, [{"namespace": "a"}], ports=ports)

    assert [int(port) for port in ports] == [port for each in found for port in each["ports"]]
    assert -(-count // 50) == len(found)


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_more_than_256_ranges_are_split_into_items(engine: str, version: str) -> None:
    to = [{"cidr": f"203.{number // 128}.{number % 128 * 2}.0/24"} for number in range(257)]
    found = items(engine, version, to, network=NETWORK)

    assert [len(each["nets"]) for each in found] == [256, 1]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_no_item_mixes_address_families(engine: str, version: str) -> None:
    to = [{"cidr": "198.51.100.0/24"}, {"cidr": "2001:db8::/32"}]
    found = items(engine, version, to, network=NETWORK)

    assert [each["nets"] for each in found] == [["198.51.100.0/24"], ["2001:db8::/32"]]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_what_one_range_leaves_out_another_keeps(engine: str, version: str) -> None:
    to = [{"cidr": "169.254.0.0/16"}, {"cidr": "169.254.169.254/32"}]
    found = items(engine, version, to, network=NETWORK)

    assert [(each["nets"], each.get("notNets", [])) for each in found] == [
        (["169.254.169.254/32"], []),
        (
            ["169.254.0.0/16"],
            [
                "169.254.0.23/32",
                "169.254.42.42/32",
                "169.254.169.252/32",
                "169.254.169.254/32",
                "169.254.170.2/32",
                "169.254.170.23/32",
            ],
        ),
    ]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0"])
def test_never_everything_is_left_out(engine: str, version: str, cidr: str) -> None:
    [found] = items(engine, version, [{"cidr": cidr}], network=NETWORK)

    assert [cidr] == found["nets"]
    assert cidr not in found["notNets"]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_addresses_always_have_a_prefix_length(engine: str, version: str) -> None:
    dns = {"profile": "nodelocal", "addresses": ["169.254.20.10", "10.96.0.10"]}
    found = items_of(target(cluster(engine, version, dns=dns)), "egress.dns")

    assert found[0]["nets"] == ["10.96.0.10/32", "169.254.20.10/32"]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_queries_are_allowed_over_udp_and_tcp(engine: str, version: str) -> None:
    found = items_of(target(cluster(engine, version)), "egress.dns")

    assert [(each["protocol"], each["ports"]) for each in found] == [("TCP", [53]), ("UDP", [53])]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_openshift_is_asked_on_the_port_of_its_pods(engine: str, version: str) -> None:
    found = items_of(target(cluster(engine, version, dns={"profile": "openshift"})), "egress.dns")

    assert [each["ports"] for each in found] == [[5353], [5353]]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_pods_are_named_with_their_namespace(engine: str, version: str) -> None:
    found = items(engine, version, [{"namespace": "ledger", "pods": {"app": "ledger"}}])

    assert [each["pods"] for each in found] == [
        {"namespace": "ledger", "labels": {"app": "ledger"}}
    ]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_the_api_server_is_a_service_with_its_namespace_and_no_ports(
    engine: str, version: str
) -> None:
    egress: list[Text] = [{"name": "one", "to": [{"entity": "kube-apiserver"}], "ports": [6443]}]
    written = target(cluster(engine, version), egress)

    assert items_of(written, "egress.allow-one") == [
        {"service": {"name": "kubernetes", "namespace": "default"}, "protocol": "TCP"}
    ]
    assert remarks_of(written) == [
        ("one", "the API server's port comes from its endpoints, whatever 6443/TCP names")
    ]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_node_ranges_leave_out_pods_among_them(engine: str, version: str) -> None:
    network = {**NETWORK, "nodeCIDRs": ["10.0.0.0/8"]}
    [found] = items(engine, version, [{"entity": "nodes"}], network=network)

    assert (found["nets"], found["notNets"]) == (["10.0.0.0/8"], ["10.0.0.0/16", "10.96.0.0/12"])


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_every_rule_has_an_order_of_its_layer(engine: str, version: str) -> None:
    written = target(
        cluster(engine, version), [{"name": "one", "to": [{"namespace": "a"}]}], inCluster="all"
    )

    assert {name: rule["order"] for name, rule in rules_of(written).items()} == {
        "egress.dns": 100,
        "egress.allow-one": 200,
        "egress.in-cluster": 300,
    }


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_in_cluster_allows_and_never_passes(engine: str, version: str) -> None:
    written = target(cluster(engine, version), inCluster="same-namespace")

    assert items_of(written, "egress.in-cluster") == [
        {
            "pods": {"namespace": "payments-prod", "labels": {}},
            "protocol": "all",
            "ports": "all",
        }
    ]


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_names_have_one_dot_and_the_tier_before_it(engine: str, version: str) -> None:
    long = "a" * 63
    tier = {"name": "outbound", "order": 10}
    written = target(
        cluster(engine, version), [{"name": long, "to": [{"namespace": "a"}]}], tier=tier
    )
    [dns, allow] = rules_of(written)

    assert dns == "outbound.dns"
    assert f"outbound.allow-{'a' * 37}-2d4b00013d" == allow
    assert len(allow) == 63


def test_a_baseline_rule_is_never_called_like_a_part() -> None:
    here = cluster("calico", "3.30")
    everyone: list[Text] = [{"name": "x--p1", "to": [{"namespace": "a"}]}]

    assert list(rules_of(baseline(here, everyone), "enforce")) == [
        "egress.baseline-dns",
        "egress.baseline-allow-x--p1-038952ccd5",
    ]


def test_a_proxied_host_opens_the_way_to_the_proxy_only() -> None:
    found = items("calico", "3.30", ["api.stripe.com"], fallback=PROXY, ports=["443", "8443"])

    assert found == [
        {
            "pods": {"namespace": "egress-proxy", "labels": {"app": "squid"}},
            "protocol": "TCP",
            "ports": [3128],
        }
    ]


def test_a_delegated_host_is_reported() -> None:
    here = cluster("calico", "3.30", fallback=PROXY)
    result = lowered(target(here, [{"name": "one", "to": ["*.b.example", "a.example"]}]))

    assert [(each.rule, each.host, each.to) for each in result.delegated] == [
        ("one", "*.b.example", "proxy egress-proxy/app=squid:3128"),
        ("one", "a.example", "proxy egress-proxy/app=squid:3128"),
    ]


def test_felix_learns_from_servers_that_it_trusts() -> None:
    dns = {"profile": "nodelocal", "addresses": ["169.254.20.10"]}
    here = cluster("calico-enterprise", "3.22", dns=dns)

    assert remarks_of(target(here, [{"name": "one", "to": ["a.example.com"]}])) == [
        (
            "dns",
            (
                "hosts are learnt only from answers of Felix's dnsTrustedServers; see that it lists "
                "169.254.20.10/32, the DNS pods of kube-system"
            ),
        )
    ]
    assert remarks_of(target(here, [{"name": "one", "to": [{"namespace": "a"}]}])) == []
