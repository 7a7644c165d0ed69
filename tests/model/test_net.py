"""Ports and address ranges have one spelling and exact arithmetic."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.model.net import (
    ECHO,
    PortRange,
    Protocol,
    contains,
    holes,
    merge_networks,
    merge_ports,
    overlaps,
    parse_cidr,
    without_echo,
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("443", "443/TCP"),
        ("123/UDP", "123/UDP"),
        ("8000-8010/TCP", "8000-8010/TCP"),
        ("1-65535", "1-65535/TCP"),
    ],
)
def test_ports_read_as_people_write_them(written: str, shown: str) -> None:
    assert shown == str(PortRange.parse(written))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("0", "port 0 is not between 1 and 65535"),
        ("70000", "port 70000 is not between 1 and 65535"),
        ("80-70000", "port 70000 is not between 1 and 65535"),
        ("0443", "port 0443 has a leading zero; write 443"),
        ("90-80", "range 90-80 runs backwards; write 80-90"),
        ("443/tcp", "'tcp' is not a protocol; write TCP, UDP or SCTP"),
        ("443/ICMP", "ICMP has no ports; write ICMP for echo requests"),
        ("https", "'https' is not a port; write 443, 123/UDP or 8000-8010/TCP"),
        ("-1", "'-1' is not a port; write 443, 123/UDP or 8000-8010/TCP"),
        ("4_43", "'4_43' is not a port; write 443, 123/UDP or 8000-8010/TCP"),
        ("443\n", "'443\\n' is not a port; write 443, 123/UDP or 8000-8010/TCP"),
    ],
)
def test_what_is_no_port_says_why(written: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        PortRange.parse(written)

    assert message == str(refused.value)


PORTS = st.builds(
    lambda protocol, one, other: PortRange(
        protocol=protocol, first=min(one, other), last=max(one, other)
    ),
    st.sampled_from(Protocol),
    st.integers(1, 40),
    st.integers(1, 40),
)


def members(ranges: tuple[PortRange, ...] | list[PortRange]) -> set[tuple[str, int]]:
    return {(each.protocol, port) for each in ranges for port in range(each.first, each.last + 1)}


@given(st.lists(PORTS, max_size=8))
def test_merged_ports_are_the_same_ports_in_one_spelling(ranges: list[PortRange]) -> None:
    merged = merge_ports(ranges)

    assert members(ranges) == members(merged)
    assert merged == merge_ports(reversed(merged))
    for one, other in itertools.pairwise(merged):
        assert one.protocol is not other.protocol or one.last + 1 < other.first


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "198.51.100.16/24",
            (
                "'198.51.100.16/24' has address bits behind the prefix; write 198.51.100.16/32 for the "
                "address alone, or 198.51.100.0/24 for all of it"
            ),
        ),
        (
            "198.51.100.0/255.255.255.0",
            "'198.51.100.0/255.255.255.0' has no plain prefix length; write 198.51.100.0/24",
        ),
        (
            "198.51.100.16/0.0.0.0",
            "'198.51.100.16/0.0.0.0' has no plain prefix length; write the length as a number",
        ),
        (
            "198.51.100.0/024",
            "'198.51.100.0/024' has no plain prefix length; write 198.51.100.0/24",
        ),
        (
            "::ffff:198.51.100.0/120",
            "'::ffff:198.51.100.0/120' is an IPv4 range in IPv6 spelling; write it as IPv4",
        ),
        (
            "198.51.100.0/33",
            (
                "'198.51.100.0/33' is not an address range; write an address and a length, as in "
                "198.51.100.16/28 or 2001:db8::/32"
            ),
        ),
        (
            "example.com",
            (
                "'example.com' is not an address range; write an address and a length, as in "
                "198.51.100.16/28 or 2001:db8::/32"
            ),
        ),
        (
            "0198.51.100.0/24",
            (
                "'0198.51.100.0/24' is not an address range; write an address and a length, as in "
                "198.51.100.16/28 or 2001:db8::/32"
            ),
        ),
    ],
)
def test_what_is_no_range_says_why(written: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        parse_cidr(written)

    assert message == str(refused.value)


def test_a_bare_address_is_a_range_of_one() -> None:
    assert str(parse_cidr("198.51.100.7")) == "198.51.100.7/32"
    assert str(parse_cidr("2001:DB8::1")) == "2001:db8::1/128"


NETWORKS = st.builds(
    lambda base, length: IPv4Network((base << 24 >> (32 - length) << (32 - length), length)),
    st.integers(0, 3),
    st.integers(6, 10),
)


@given(st.lists(NETWORKS, max_size=6))
def test_merged_ranges_hold_the_same_addresses(networks: list[IPv4Network]) -> None:
    merged = merge_networks(networks)

    assert merged == merge_networks(reversed(merged))
    for written in networks:
        assert any(contains(each, written) for each in merged)
    for one, other in itertools.pairwise(merged):
        assert not overlaps(one, other)


def test_families_never_meet() -> None:
    assert not overlaps(ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not contains(ip_network("::/0"), ip_network("10.0.0.0/8"))


def test_holes_are_what_lies_strictly_inside() -> None:
    inside = [ip_network("10.1.0.0/16"), ip_network("10.0.0.0/8"), ip_network("192.168.0.0/16")]

    assert holes(ip_network("10.0.0.0/8"), inside) == (ip_network("10.1.0.0/16"),)


def test_icmp_is_echo_requests_alone_and_has_no_port() -> None:
    assert PortRange.parse("ICMP") == ECHO
    assert str(ECHO) == "ICMP"
    assert without_echo([ECHO, PortRange.parse("443")]) == (PortRange.parse("443"),)
    assert not ECHO.covers(PortRange.parse("443"))
