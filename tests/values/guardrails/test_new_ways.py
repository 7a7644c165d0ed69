"""Hosts that never match, ways around a proxy and to the system, and what a rule lists twice."""

from __future__ import annotations

import pytest

from support.values.rules_of_teams import messages, problems

PROXY = {
    "here": 'engine: calico, version: "3.30", environment: prod, fallback: {proxy: {namespace: '
    "egress-proxy, pods: {app: squid}, port: 3128}}",
    "there": 'engine: cilium, version: "1.19", environment: lab',
}


def rule(to: str, name: str = "way", **more: str) -> str:
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{name: {name}, reason: book parcels, ticket: SEC-1, to: [{to}]{rest}}}"


def found(guardrail: str, *rules: str) -> list[str]:
    return messages(guardrail, {"shop": rules})


@pytest.mark.parametrize("host", ["redis", "localhost", "postgres-primary", "xn--bcher-kva"])
def test_a_host_without_a_dot_is_refused(host: str) -> None:
    [message] = found("single-label-host", rule(host))

    assert message.endswith("has no dot, so search domains make it a name inside the cluster")


@pytest.mark.parametrize("host", ["redis.example.com", "'10'", "1-20", '"*.example.com"', '"r*"'])
def test_other_hosts_have_a_dot_or_a_finding_of_their_own(host: str) -> None:
    assert found("single-label-host", rule(host)) == []


@pytest.mark.parametrize(
    "host",
    [
        "_mongodb._tcp.cluster0.example.net",
        "_sip._udp.example.com",
        "_xmpp-client._tls.example.com",
        "_ldap._tcp.dc._msdcs.example.com",
        '"*._tcp.example.com"',
    ],
)
def test_the_name_of_an_srv_record_is_refused(host: str) -> None:
    text = host.strip('"')

    assert found("name-without-address", rule(host)) == [
        f"{text} is the name of an SRV record, whose answer holds no address"
    ]


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("_dmarc.example.com", "is the name of a text record, whose answer holds no address"),
        (
            "7.100.51.198.in-addr.arpa",
            "is a name of reverse lookups, whose answer holds no address",
        ),
        ('"*.ip6.arpa"', "is a name of reverse lookups, whose answer holds no address"),
        ("news.example.onion", "is below onion, which no DNS resolves"),
        ("db.localhost", "is below localhost, which no DNS resolves"),
    ],
)
def test_names_without_an_address_are_refused(host: str, why: str) -> None:
    text = host.strip('"')

    assert found("name-without-address", rule(host)) == [f"{text} {why}"]


@pytest.mark.parametrize("host", ["_x.example.com", "my_host.example.com", "tcp.example.com"])
def test_other_names_may_have_an_address(host: str) -> None:
    assert found("name-without-address", rule(host)) == []


@pytest.mark.parametrize(
    ("host", "message", "remedy"),
    [
        (
            "198.51.100.7",
            "'198.51.100.7' is an address, and no DNS query asks for one",
            "write {cidr: 198.51.100.7/32} instead",
        ),
        (
            "198.51.100.1-198.51.100.20",
            "'198.51.100.1-198.51.100.20' is a span of addresses, and no DNS query asks for one",
            (
                "write {cidr: 198.51.100.1/32}, {cidr: 198.51.100.2/31}, {cidr: 198.51.100.4/30}, "
                "{cidr: 198.51.100.8/29}, {cidr: 198.51.100.16/30}, {cidr: 198.51.100.20/32} instead"
            ),
        ),
        (
            "198.51.100.4-7",
            "'198.51.100.4-7' is a span of addresses, and no DNS query asks for one",
            "write {cidr: 198.51.100.4/30} instead",
        ),
        (
            "198.51.100.20-1",
            "'198.51.100.20-1' is a span of addresses, and no DNS query asks for one",
            "write each range of addresses as {cidr: ADDRESS/PREFIX}",
        ),
        (
            "198.51.100.999",
            "'198.51.100.999' is an address, and no DNS query asks for one",
            "write each range of addresses as {cidr: ADDRESS/PREFIX}",
        ),
        (
            '"198.51.*.7"',
            "'198.51.*.7' is a pattern of addresses, and no DNS query asks for one",
            "write each range of addresses as {cidr: ADDRESS/PREFIX}",
        ),
    ],
)
def test_addresses_and_spans_of_them_are_no_hosts(host: str, message: str, remedy: str) -> None:
    every = problems({"shop": [rule(host)]})

    assert [(each.message, each.help) for each in every if each.id == "ip-is-not-a-host"] == [
        (message, remedy)
    ]


@pytest.mark.parametrize("host", ["ledger.bank.svc", "a.b.svc.cluster", "x.cluster.local"])
def test_names_of_the_cluster_are_refused_whatever_its_domain(host: str) -> None:
    assert found("in-cluster-name", rule(host)) == [f"{host} is a name inside the cluster"]


@pytest.mark.parametrize(
    ("to", "ports", "is_found"),
    [
        ("{namespace: egress-proxy}", "[3128]", True),
        ("{namespace: egress-proxy, pods: {app: squid}}", "[3000-4000]", True),
        ("{namespace: egress-proxy, pods: {tier: edge}}", "[3128]", True),
        ("{namespace: egress-proxy, pods: {app: dashboard}}", "[3128]", False),
        ("{namespace: egress-proxy}", "[9090]", False),
        ("{namespace: egress-proxy}", "[3128/UDP]", False),
        ("{namespace: other-proxy}", "[3128]", False),
        ("api.example.com", "[443]", False),
    ],
)
def test_a_way_straight_to_the_proxy_is_refused(to: str, ports: str, *, is_found: bool) -> None:
    written = {"shop": [rule(to, ports=ports)]}
    expected = [
        (
            "the pods in egress-proxy are the egress proxy of here, which opens every name that "
            "anybody may reach"
        )
    ]

    assert messages("straight-to-proxy", written, clusters=PROXY) == expected * is_found


@pytest.mark.parametrize(
    ("proxy", "to", "ports", "is_found"),
    [
        ("{cidr: 172.20.4.7/32, port: 3128}", "{cidr: 172.20.4.0/24}", "[3128]", True),
        ("{cidr: 172.20.4.7/32, port: 3128}", "{cidr: 172.20.4.0/24}", "[3129]", False),
        ("{cidr: 172.20.4.7/32, port: 3128}", "{cidr: 172.20.5.0/24}", "[3128]", False),
        ("{host: proxy.example.com, port: 8080}", '"*.example.com"', "[8080]", True),
        ("{host: proxy.example.com, port: 8080}", "www.example.com", "[8080]", False),
        ("{host: proxy.example.com, port: 8080}", "{cidr: 172.20.4.0/24}", "[8080]", False),
    ],
)
def test_a_proxy_outside_the_cluster_is_reached_straight_too(
    proxy: str, to: str, ports: str, *, is_found: bool
) -> None:
    pods = "{namespace: egress-proxy, pods: {app: squid}, port: 3128}"
    clusters = {name: text.replace(pods, proxy) for name, text in PROXY.items()}
    text = to.strip('"').removeprefix("{cidr: ").removesuffix("}")
    expected = [
        f"{text} reaches the egress proxy of here, which opens every name that anybody may reach"
    ]

    assert clusters != PROXY
    written = {"shop": [rule(to, ports=ports)]}
    assert messages("straight-to-proxy", written, clusters=clusters) == expected * is_found


def test_a_proxy_of_a_cluster_without_the_rule_is_none() -> None:
    written = {"shop": [rule("{namespace: egress-proxy}", ports="[3128]", environments="[lab]")]}

    assert messages("straight-to-proxy", written, clusters=PROXY) == []


@pytest.mark.parametrize(
    ("to", "ports", "level", "message"),
    [
        (
            "{namespace: kube-system}",
            "[443]",
            "error",
            "the rule leads to all pods of kube-system, which run the cluster",
        ),
        (
            "{namespace: kube-system, pods: {k8s-app: kube-dns}}",
            "[1-65535/UDP]",
            "error",
            "the rule leads to pods of kube-system on all ports, which run the cluster",
        ),
        (
            "{namespace: kube-system, pods: {k8s-app: metrics-server}}",
            "[4443]",
            "warning",
            "the rule leads to pods of kube-system, which run the cluster",
        ),
    ],
)
def test_a_way_to_pods_of_the_system_is_found(
    to: str, ports: str, level: str, message: str
) -> None:
    every = problems({"shop": [rule(to, ports=ports)]})

    assert [(str(each.level), each.message) for each in every if each.id == "system-pods"] == [
        (level, message)
    ]


NODES, API = "{entity: nodes}", "{entity: kube-apiserver}"


def test_all_ports_of_nodes_are_refused_in_one_rule_and_in_two() -> None:
    half, rest = "[1-700]", "[701-1400]"

    assert found("all-ports-of-nodes", rule(NODES, ports="[1-65535]")) == [
        "'way' opens more than a thousand ports of {entity: nodes}"
    ]
    assert found("all-ports-of-nodes", rule(API, ports="[1-65535/UDP]")) == [
        "'way' opens more than a thousand ports of {entity: kube-apiserver}"
    ]
    assert found(
        "all-ports-of-nodes", rule(NODES, "low", ports=half), rule(NODES, "high", ports=rest)
    ) == ["'low' opens more than a thousand ports of {entity: nodes} together with 'high'"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{app: a}", "{app: b}"),
        ("[{serviceAccount: a}]", "[{serviceAccount: b}]"),
        ("{app: a}", "[{matchExpressions: [{key: app, operator: NotIn, values: [a]}]}]"),
    ],
)
def test_ports_of_nodes_count_together_whichever_pods_they_are_for(one: str, other: str) -> None:
    low = rule(NODES, "low", ports="[1-700]", **{"from": one})
    high = rule(NODES, "high", ports="[701-1400]", **{"from": other})

    assert found("all-ports-of-nodes", low, high) == [
        "'low' opens more than a thousand ports of {entity: nodes} together with 'high'"
    ]


def test_ports_of_nodes_and_of_the_api_server_count_together() -> None:
    low, high = rule(API, "low", ports="[1-700]"), rule(NODES, "high", ports="[701-1400]")

    (message,) = found("all-ports-of-nodes", low, high)
    assert message == (
        "'low' opens more than a thousand ports of {entity: nodes} and {entity: kube-apiserver} "
        "together with 'high'"
    )


def test_ports_of_nodes_in_rules_for_everyone_count_with_those_of_each_team() -> None:
    low, high = rule(NODES, "low", ports="[1-700]"), rule(NODES, "high", ports="[701-1400]")

    assert messages("all-ports-of-nodes", {"shop": [low]}, everyone=[high]) == [
        "'low' opens more than a thousand ports of {entity: nodes} together with 'high'"
    ]
    assert messages("all-ports-of-nodes", {"shop": []}, everyone=[low, high]) == [
        "'low' opens more than a thousand ports of {entity: nodes} together with 'high'"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"environments": "[prod]"}, {"environments": "[staging]"}),
        ({"clusters": "[eu]"}, {"clusters": "[st]"}),
        ({"namespaces": "[shop]"}, {"namespaces": "[shop-jobs]"}),
    ],
)
def test_ports_of_nodes_in_different_places_do_not_count_together(
    one: dict[str, str], other: dict[str, str]
) -> None:
    low = rule(NODES, "low", ports="[1-700]", **one)
    high = rule(NODES, "high", ports="[701-1400]", **other)

    assert found("all-ports-of-nodes", low, high) == []
    assert found("all-ports-of-nodes", rule(NODES, ports="[8443]")) == []


def test_what_all_rules_open_of_nodes_is_agreed_to_as_one() -> None:
    low, high = rule(NODES, "low", ports="[1-700]"), rule(NODES, "high", ports="[701-1400]")
    problem = next(each for each in problems({"shop": [low, high]}) if "nodes" in each.id)

    assert problem.help == (
        "list the ports that listen there, or ask for an entry in values/exceptions.yaml with "
        "for: [{entity: nodes, port: 1-1400/TCP}] and "
        "namespaces: {shop: [eu, st], shop-jobs: [eu, st]}"
    )


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("a.example.com, b.example.com, A.example.com.", "a.example.com is already in this rule"),
        ("{entity: nodes}, {entity: nodes}", "{entity: nodes} is already in this rule"),
        (
            "{cidr: 8.0.0.7/32}, {cidr: 8.0.0.0/24}",
            "8.0.0.7/32 is already in this rule, in 8.0.0.0/24",
        ),
        ("{cidr: 8.0.0.0/24}, {cidr: 8.0.0.0/24}", "8.0.0.0/24 is already in this rule"),
        (
            "{namespace: a, pods: {app: b}}, {namespace: a}",
            "{namespace: a, pods: {app: b}} is already in this rule, in {namespace: a}",
        ),
        (
            "a.example.com, {host: a.example.com, ports: [443]}",
            "a.example.com is already in this rule",
        ),
    ],
)
def test_what_a_rule_lists_twice_is_found_once(to: str, message: str) -> None:
    assert found("duplicate-in-rule", rule(to)) == [message]


@pytest.mark.parametrize(
    "to",
    [
        "a.example.com, {host: a.example.com, ports: [8443]}",
        "{namespace: a, pods: {app: b}}, {namespace: a, pods: {app: c}}",
        "{namespace: a}, {namespace: b}",
        "{cidr: 8.0.0.0/25}, {cidr: 8.0.0.128/25}",
        "{entity: nodes}, {entity: kube-apiserver}",
    ],
)
def test_what_differs_is_not_listed_twice(to: str) -> None:
    assert found("duplicate-in-rule", rule(to)) == []


def test_a_port_is_found_where_its_list_has_it_already() -> None:
    ports = "[443, 8000-8010, 443/TCP, 8005, 443/UDP]"

    assert found("duplicate-in-rule", rule("{namespace: a}", ports=ports)) == [
        "port 443/TCP is already in this list",
        "port 8005/TCP is already in this list, in 8000-8010/TCP",
    ]


def test_a_name_that_a_list_has_already_is_found() -> None:
    written = rule("a.example.com", environments="[prod, staging, prod]", clusters="[eu, eu]")

    assert found("duplicate-in-rule", written) == [
        "prod is already in environments of this rule",
        "eu is already in clusters of this rule",
    ]


def test_a_proxy_may_be_in_a_namespace_that_labels_choose() -> None:
    chosen = "{namespaceLabels: {tier: edge}, pods: {app: APP}}"
    written = [rule(chosen.replace("APP", app), app, ports="[3128]") for app in ("squid", "web")]

    assert messages("straight-to-proxy", {"shop": written}, clusters=PROXY) == [
        (
            "pods in namespaces with tier=edge may be the egress proxy of here, which opens every "
            "name that anybody may reach"
        )
    ]
