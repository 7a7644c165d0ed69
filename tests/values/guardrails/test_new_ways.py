"""Hosts that never match, and what a rule lists twice."""

from __future__ import annotations

import pytest

from support.values.rules_of_teams import messages, problems


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
