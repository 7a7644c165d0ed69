"""Lists of resolvers and metadata services, and whether a host has one of their names."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

import pytest

from transire.meaning import public_resolvers
from transire.meaning.address_names import addresses_in
from transire.meaning.known_names import KnownNames
from transire.meaning.premises import metadata_services
from transire.model.names import HostPattern
from transire.model.net import network_key
from transire.model.translated import carried, translations

LIST = KnownNames.of(map(HostPattern, ("dns.example", "a.names.example", "**.own.example")))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("dns.example", "dns.example"),
        ("deep.own.example", "deep.own.example"),
        ("*.example", "dns.example"),
        ("**.example", "dns.example"),
        ("*.names.example", "a.names.example"),
        ("x*.own.example", "x.own.example"),
        ("*.*.own.example", "a.a.own.example"),
        ("own.example", None),
        ("api.example", None),
        ("*.other.example", None),
        ("b*.names.example", None),
    ],
)
def test_a_host_is_held_against_the_names_of_a_list(host: str, name: str | None) -> None:
    found = LIST.shared_with(HostPattern.parse(host))

    if name is None or "*" not in host or name in LIST.exact:
        assert found == name
    else:
        assert found is not None
        assert found.endswith(name.partition(".")[2])


def test_names_of_lists_are_hosts_as_values_write_them() -> None:
    names = [*public_resolvers.names(), *metadata_services.NAMES]

    assert [HostPattern.parse(each.text) for each in names] == names


def test_no_address_of_a_list_is_there_twice() -> None:
    addresses = list(public_resolvers.addresses())

    assert len(addresses) == len(set(addresses))
    assert not set(addresses) & set(metadata_services.METADATA)
    assert [*metadata_services.WIDESPREAD] == sorted(metadata_services.WIDESPREAD, key=network_key)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222"])
def test_the_resolvers_that_everybody_knows_are_on_the_list(address: str) -> None:
    assert ip_network(address) in set(public_resolvers.addresses())


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("169.254.169.254.nip.io", ["169.254.169.254"]),
        ("app.169-254-169-254.sslip.io", ["169.254.169.254"]),
        ("app-a9fea9fe.nip.io", ["169.254.169.254"]),
        ("fd00-ec2--254.sslip.io", ["fd00:ec2::254"]),
        ("x.1.2.3.4.5.nip.io", ["1.2.3.4", "2.3.4.5"]),
        ("256.1.1.1.nip.io", []),
        ("www.nip.io", []),
        ("nip.io", []),
        ("10-0-0-1.example.com", []),
    ],
)
def test_the_address_in_a_name_is_read(name: str, addresses: list[str]) -> None:
    assert [*map(str, addresses_in(name))] == addresses


@pytest.mark.parametrize(
    ("cidr", "inside"),
    [
        ("64:ff9b::a9fe:a9fe/128", [("169.254.169.254/32", "NAT64")]),
        ("64:ff9b::/96", [("0.0.0.0/0", "NAT64")]),
        ("64:ff9b::a00:0/104", [("10.0.0.0/8", "NAT64")]),
        ("2002:a9fe:a9fe:1::/64", [("169.254.169.254/32", "6to4")]),
        ("2002:a00::/24", [("10.0.0.0/8", "6to4")]),
        ("::/80", [("0.0.0.0/0", "IPv4-mapped"), ("0.0.0.0/0", "IPv4-compatible")]),
        ("::ffff:0:a00:0/104", [("10.0.0.0/8", "IPv4-translated")]),
        ("64:ff9b:1::a00:0/104", [("10.0.0.0/8", "local NAT64")]),
        ("64:ff9b:1::/64", [("0.0.0.0/0", "local NAT64")]),
        ("2001:db8::/32", []),
        ("10.0.0.0/8", []),
    ],
)
def test_an_ipv6_range_carries_ipv4(cidr: str, inside: list[tuple[str, str]]) -> None:
    assert [(str(network), what) for network, what in carried(ip_network(cidr))] == inside


@pytest.mark.parametrize("text", ["169.254.169.254/32", "10.0.0.0/8", "0.0.0.0/0"])
def test_what_is_translated_carries_what_it_was_made_of(text: str) -> None:
    network = ip_network(text)
    assert isinstance(network, IPv4Network)
    forms = list(translations(network))

    assert [[inside for inside, _ in carried(form)] for form in forms] == [[network], [network]]
