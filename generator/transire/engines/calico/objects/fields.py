"""Single values of a rule, read as Calico's own types read them.

Source: `api/pkg/lib/numorstring` and the field validators of `libcalico-go`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, ip_network
from typing import Any

from transire.k8s.go_cidr import is_mapped, parse_address, parse_network
from transire.k8s.metadata_rules import is_port_name
from transire.model.net import MAX_PORT, Network

TCP, UDP, SCTP, ICMP, ICMPV6 = 6, 17, 132, 1, 58
NUMBERS: Mapping[str, int] = {
    "TCP": TCP,
    "UDP": UDP,
    "SCTP": SCTP,
    "ICMP": ICMP,
    "ICMPv6": ICMPV6,
    "UDPLite": 136,
}
"""Protocol names as Calico spells them, and their numbers."""

_IN_LOWER_CASE = {name.lower(): number for name, number in NUMBERS.items()}

WITH_PORTS = frozenset({TCP, UDP, SCTP})
_MAX_PROTOCOL = 255
_ONLY_CODE_0 = frozenset({0, 8, 10, *range(13, 19), *range(128, 138)})
"""ICMP types of which no message has another code than 0, echoes among them.

Those of IPv4 and of IPv6 do not overlap. Source: the registries of RFC 792 and RFC 4443.
"""
_RANGE = re.compile(r"([0-9]+):([0-9]+)")
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Ports that a rule names: any of the ranges, or a port with one of the names."""

    ranges: tuple[tuple[int, int], ...] = ()
    names: frozenset[str] = frozenset()

    def holds(self, port: int) -> bool:
        """Whether one of the ranges holds the number."""
        return any(first <= port <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Icmp:
    """An ICMP type, and its code if one is named."""

    type: int
    code: int | None = None

    def holds(self, number: int) -> bool | None:
        """Whether a packet of this type matches; None where its code decides."""
        if self.type != number:
            return False
        if self.code is None:
            return True
        return self.code == 0 if number in _ONLY_CODE_0 else None


def protocol_number(value: int | str) -> int | None:
    """The number of a protocol, or None if Calico refuses it; 0 is refused, too."""
    if isinstance(value, str) and not _is_number(value):
        return NUMBERS.get(value)
    number = int(value)
    return number if 1 <= number <= _MAX_PROTOCOL else None


def stored_protocol(value: int | str) -> int | None:
    """The number of a protocol as Felix reads it, for which a name in any case will do."""
    if isinstance(value, str) and not _is_number(value):
        return _IN_LOWER_CASE.get(value.lower())
    return protocol_number(value)


def port_item(value: int | str) -> tuple[int, int] | str | None:
    """A range or a name, or None if Calico refuses it."""
    if isinstance(value, int):
        return (value, value) if 1 <= value <= MAX_PORT else None
    if _is_number(value):
        return port_item(int(value))
    match = _RANGE.fullmatch(value)
    if match is None:
        return value if is_port_name(value) else None
    if not all(_is_number(each) for each in match.groups()):
        return None
    first, last = int(match[1]), int(match[2])
    return (first, last) if 1 <= first <= last <= MAX_PORT else None


def read_ports(values: list[int | str]) -> Ports | None:
    """The ports of a list without fault; None where the list is empty and so demands nothing."""
    items = [port_item(each) for each in values]
    if not items:
        return None
    return Ports(
        ranges=tuple(each for each in items if isinstance(each, tuple)),
        names=frozenset(each for each in items if isinstance(each, str)),
    )


def all_named(values: list[int | str]) -> bool:
    """Whether every port of a list is a name; true of the empty list."""
    return all(isinstance(port_item(each), str) for each in values)


@lru_cache(maxsize=65_536)
def read_net(text: str) -> Network | None:
    """The range that Felix makes of an entry, or None if it drops the entry.

    A bare address is a range of its own, host bits are cut off, and an IPv4 range in IPv6 spelling
    is an IPv4 range.
    """
    parsed = parse_network(text)
    if parsed is None:
        address = parse_address(text)
        parsed = None if address is None else parse_network(f"{address}/{address.max_prefixlen}")
    if parsed is None:
        return None
    network = parsed[1]
    if not is_mapped(network):
        return network
    inside = IPv4Address(int(network.network_address) & 0xFFFF_FFFF)
    return ip_network((inside, network.prefixlen - 96))


def read_icmp(tree: Mapping[str, Any] | None) -> Icmp | None:
    """The ICMP match of a decoded tree without fault; one without a type demands nothing."""
    if tree is None or "type" not in tree:
        return None
    return Icmp(type=tree["type"], code=tree.get("code"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
