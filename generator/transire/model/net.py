"""Ports, and address ranges with their arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_network,
)
from itertools import groupby

Network = IPv4Network | IPv6Network
MAX_PORT = 65535
_MAPPED = IPv6Network("::ffff:0:0/96")
_FORMS = "443, 123/UDP or 8000-8010/TCP"
_ECHOES = frozenset({"ICMP", "ICMPV4", "ICMPV6", "PING"})
_PORT = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?(?:/([A-Za-z]+))?")


class Protocol(StrEnum):
    """Transport protocols that a rule may name."""

    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"
    ICMP = "ICMP"
    """Echo requests alone, of IPv4 and IPv6; there are no ports."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PortRange:
    """Ports `first` to `last`, both included, of one protocol; ICMP has 0 alone."""

    protocol: Protocol
    first: int
    last: int

    @classmethod
    def parse(cls, written: str) -> PortRange:
        """The range that `443`, `123/UDP`, `8000-8010/TCP` or `ICMP` writes.

        Raises:
            ValueError: with a sentence on what is wrong.
        """
        if written == Protocol.ICMP.value:
            return ECHO
        match = _PORT.fullmatch(written)
        if match is None:
            instead = "ICMP for echo requests" if written.upper() in _ECHOES else _FORMS
            raise ValueError(f"{written!r} is not a port; write {instead}")
        first, last, protocol = match.groups()
        low, high = int(first), int(last or first)
        _check_protocol(protocol)
        _check_numbers(first, last)
        if low > high:
            raise ValueError(f"range {low}-{high} runs backwards; write {high}-{low}")
        return cls(protocol=Protocol(protocol or "TCP"), first=low, last=high)

    def covers(self, other: PortRange) -> bool:
        """Whether every port of `other` is one of these."""
        return (
            self.protocol is other.protocol
            and self.first <= other.first
            and other.last <= self.last
        )

    def __str__(self) -> str:
        """As a values file writes it: `443/TCP`, `8000-8010/TCP`, `ICMP`."""
        if self.protocol is Protocol.ICMP:
            return self.protocol.value
        last = "" if self.first == self.last else f"-{self.last}"
        return f"{self.first}{last}/{self.protocol}"


def _check_protocol(protocol: str | None) -> None:
    if protocol is not None and protocol.upper() in _ECHOES:
        raise ValueError(f"{protocol} has no ports; write ICMP for echo requests")
    if protocol is not None and protocol not in Protocol.__members__:
        raise ValueError(f"{protocol!r} is not a protocol; write TCP, UDP or SCTP")


def _check_numbers(*numbers: str | None) -> None:
    for number in numbers:
        if number is not None and number.startswith("0") and number != "0":
            raise ValueError(f"port {number} has a leading zero; write {int(number)}")
    for number in numbers:
        if number is not None and not 1 <= int(number) <= MAX_PORT:
            raise ValueError(f"port {int(number)} is not between 1 and {MAX_PORT}")


ECHO = PortRange(protocol=Protocol.ICMP, first=0, last=0)
"""Echo requests of both families: type 8 of ICMP, type 128 of ICMPv6."""


def without_echo(ports: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The ports of protocols that have some."""
    return tuple(each for each in ports if each.protocol is not Protocol.ICMP)


def merge_ports(ranges: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The same ports as the fewest ranges, sorted: one spelling for one meaning."""
    merged: list[PortRange] = []
    for each in sorted(ranges):
        before = merged[-1] if merged else None
        if before and before.protocol is each.protocol and each.first <= before.last + 1:
            merged[-1] = PortRange(
                protocol=each.protocol, first=before.first, last=max(before.last, each.last)
            )
        else:
            merged.append(each)
    return tuple(merged)


def parse_cidr(written: str) -> Network:
    """The range that `198.51.100.16/28`, `2001:db8::/32` or a bare address writes.

    Raises:
        ValueError: with a sentence on what is wrong and what to write.
    """
    try:
        network = ip_network(written, strict=False)
    except ValueError as error:
        raise ValueError(
            f"{written!r} is not an address range; write an address and a length, as in "
            "198.51.100.16/28 or 2001:db8::/32"
        ) from error
    address, _, length = written.partition("/")
    if length and not (length.isascii() and length.isdigit() and str(int(length)) == length):
        exact = network.prefixlen and str(network.network_address) == address
        right = network if exact else "the length as a number"
        raise ValueError(f"{written!r} has no plain prefix length; write {right}")
    if length and str(network.network_address) != str(ip_network(address).network_address):
        raise ValueError(
            f"{written!r} has address bits behind the prefix; write {ip_network(address)} for the "
            f"address alone, or {network} for all of it"
        )
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        raise ValueError(f"{written!r} is an IPv4 range in IPv6 spelling; write it as IPv4")
    return network


def network_key(network: Network) -> tuple[int, int, int]:
    """Sorts ranges: IPv4 first, then by address, then the larger first."""
    return network.version, int(network.network_address), network.prefixlen


def merge_networks(networks: Iterable[Network]) -> tuple[Network, ...]:
    """The same addresses as the fewest ranges, sorted."""
    ordered = sorted(networks, key=network_key)
    return tuple(
        merged
        for _, family in groupby(ordered, key=lambda each: each.version)
        for merged in _collapse(list(family))
    )


def _collapse(family: list[Network]) -> list[Network]:
    four = [each for each in family if isinstance(each, IPv4Network)]
    six = [each for each in family if isinstance(each, IPv6Network)]
    return [*collapse_addresses(four), *collapse_addresses(six)]


def overlaps(one: Network, other: Network) -> bool:
    """Whether the ranges share an address; ranges of different families never do."""
    return one.version == other.version and one.overlaps(other)


def contains(outer: Network, inner: Network) -> bool:
    """Whether every address of `inner` is in `outer`."""
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def holes(network: Network, taken: Iterable[Network]) -> tuple[Network, ...]:
    """Those parts of `taken` that lie strictly inside `network`, merged and sorted.

    An empty tuple also where `network` lies inside one of them: the caller calls `contains` first.
    """
    inside = [each for each in taken if contains(network, each) and each != network]
    return merge_networks(inside)


Address = IPv4Address | IPv6Address
