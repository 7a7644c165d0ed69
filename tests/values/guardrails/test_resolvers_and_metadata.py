"""Public resolvers count on the ports where they answer, metadata addresses in every form."""

from __future__ import annotations

import pytest

from support.values.rules_of_teams import messages, problems

ENTERPRISE = {"here": 'engine: calico-enterprise, version: "3.22", environment: prod'}


def rule(to: str, ports: str = "[443]") -> str:
    return f"{{name: lookups, reason: look up, ticket: SEC-1, to: [{to}], ports: {ports}}}"


def found(guardrail: str, to: str, ports: str = "[443]") -> list[str]:
    return messages(guardrail, {"shop": [rule(to, ports)]})


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("{cidr: 1.1.1.2/32}", "1.1.1.2/32 covers the public resolver 1.1.1.2"),
        ("{cidr: 9.9.9.0/24}", "9.9.9.0/24 covers the public resolver 9.9.9.9"),
        ("{cidr: 45.90.28.77/32}", "45.90.28.77/32 covers the public resolver 45.90.28.77"),
        (
            '{cidr: "2620:fe::/48"}',
            "2620:fe::/48 covers the public resolver 2620:fe::9",
        ),
        ("dns.google.com", "dns.google.com is a public resolver"),
        ("abc123.dns.nextdns.io", "abc123.dns.nextdns.io is a public resolver"),
        ('"*.quad9.net"', "*.quad9.net covers the public resolver dns.quad9.net"),
        (
            '{cidr: "64:ff9b::808:800/120"}',
            "64:ff9b::808:800/120 covers the public resolver 8.8.8.8 by NAT64",
        ),
        (
            '{cidr: "2002:808:808::/48"}',
            "2002:808:808::/48 covers the public resolver 8.8.8.8 by 6to4",
        ),
        (
            '{cidr: "::ffff:0:101:101/128"}',
            "::ffff:0:101:101/128 covers the public resolver 1.1.1.1 by IPv4-translated",
        ),
        ("8.8.8.8.nip.io", "8.8.8.8.nip.io resolves to 8.8.8.8, a public resolver"),
        ("app-09090909.sslip.io", "app-09090909.sslip.io resolves to 9.9.9.9, a public resolver"),
        (
            "2620-fe--fe.sslip.io",
            "2620-fe--fe.sslip.io resolves to 2620:fe::fe, a public resolver",
        ),
    ],
)
def test_a_resolver_is_found_by_any_of_its_addresses_and_names(to: str, message: str) -> None:
    assert found("resolver-bypass", to) == [message]


@pytest.mark.parametrize("to", ["{cidr: 1.0.0.0/24}", "dns.google"])
@pytest.mark.parametrize("ports", ["[1194/UDP]", "[9000]", "[1-52, 54-442/UDP]", "[443/SCTP]"])
def test_a_port_on_which_no_resolver_answers_is_no_finding(to: str, ports: str) -> None:
    assert found("resolver-bypass", to, ports) == []


@pytest.mark.parametrize("ports", ["[443/UDP]", "[853]", "[53/UDP]", "[1-65535]", "[8443]"])
def test_every_port_on_which_resolvers_answer_is_one(ports: str) -> None:
    [first, *_] = found("resolver-bypass", "{cidr: 1.0.0.0/24}", ports)

    assert first == "1.0.0.0/24 covers the public resolver 1.0.0.1"


def test_the_finding_about_a_port_is_where_the_port_is_written() -> None:
    written = rule("names.example.net", "[443, 853, 50-60/UDP]")
    places = {
        each.message: each.at.column
        for each in problems({"shop": [written]})
        if each.id == "resolver-bypass"
    }

    assert places == {
        "port 853/TCP of 'lookups' lets DNS out on port 853": written.index("853,") + 5,
        "port 50-60/UDP of 'lookups' lets DNS out on port 53": written.index("50-60") + 5,
    }


def test_a_wildcard_is_held_against_resolvers_as_the_engine_reads_it() -> None:
    written = {"shop": [rule('"*.nextdns.io"')]}
    deep = {"shop": [rule('"*.dns.yandex.net"')]}

    assert messages("resolver-bypass", written) == [
        "*.nextdns.io covers the public resolver dns.nextdns.io"
    ]
    assert messages("resolver-bypass", deep) == []
    assert messages("resolver-bypass", deep, clusters=ENTERPRISE) == [
        (
            "*.dns.yandex.net, **.dns.yandex.net on here, covers the public resolver "
            "common.dot.dns.yandex.net"
        )
    ]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("metadata.tencentyun.com", "metadata.tencentyun.com resolves to a cloud metadata address"),
        (
            "instance-data.eu-west-1.compute.internal",
            "instance-data.eu-west-1.compute.internal resolves to a cloud metadata address",
        ),
        (
            '"**.google.internal"',
            "**.google.internal covers metadata.google.internal, which resolves to a cloud metadata address",
        ),
        ("{cidr: 169.254.0.23/32}", "169.254.0.23/32 is a cloud metadata address"),
        ('{cidr: "fd00:42::42/128"}', "fd00:42::42/128 is a cloud metadata address"),
        ('{cidr: "64:ff9b::a9fe:a9fe"}', "64:ff9b::a9fe:a9fe/128 is a cloud metadata address"),
        ('{cidr: "2002:a9fe:a9fe::/64"}', "2002:a9fe:a9fe::/64 is a cloud metadata address"),
        ('{cidr: "::a9fe:a9fe/128"}', "::a9fe:a9fe/128 is a cloud metadata address"),
        ('{cidr: "64:ff9b:1::a9fe:a9fe"}', "64:ff9b:1::a9fe:a9fe/128 is a cloud metadata address"),
        ("metadata.exoscale.com", "metadata.exoscale.com resolves to a cloud metadata address"),
        (
            "a9fea9fe.nip.io",
            "a9fea9fe.nip.io resolves to 169.254.169.254, a cloud metadata address",
        ),
    ],
)
def test_a_metadata_service_is_found_in_every_form(to: str, message: str) -> None:
    assert found("no-metadata-address", to) == [message]


@pytest.mark.parametrize("to", ["www.nip.io", "198-51-100-7.nip.io", "metadata.example.com"])
def test_other_names_are_no_metadata_service(to: str) -> None:
    assert found("no-metadata-address", to) == []


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ('{cidr: "fec0::/48"}', "fec0::/48 reaches into fec0::/10, which is not the internet"),
        (
            '{cidr: "64:ff9b::a00:0/104"}',
            "64:ff9b::a00:0/104 reaches into 10.0.0.0/8 by NAT64, which is not the internet",
        ),
        (
            '{cidr: "2002:c0a8::/32"}',
            "2002:c0a8::/32 reaches into 192.168.0.0/16 by 6to4, which is not the internet",
        ),
        (
            '{cidr: "::ffff:0:7f00:0/104"}',
            "::ffff:0:7f00:0/104 reaches into 127.0.0.0/8 by IPv4-translated, which is not the internet",
        ),
        (
            '{cidr: "64:ff9b:1::/64"}',
            "64:ff9b:1::/64 reaches into 64:ff9b:1::/48, which is not the internet",
        ),
        (
            "app-10-0-0-1.sslip.io",
            "app-10-0-0-1.sslip.io resolves to 10.0.0.1, which is not on the internet",
        ),
    ],
)
def test_a_private_range_is_found_in_every_form(to: str, message: str) -> None:
    assert found("private-cidr", to) == [message]


@pytest.mark.parametrize(
    "to", ['{cidr: "64:ff9b::c633:6400/120"}', '{cidr: "2002:c633:6407::/48"}']
)
def test_a_public_range_is_fine_in_every_form(to: str) -> None:
    assert found("private-cidr", to) == []
    assert found("no-world-cidr", to) == []
