"""Address ranges as Go's net package reads them, which is how Kubernetes and Calico read them."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

from transire.model.net import Address, Network

_PREFIX = re.compile(r"[0-9]{1,3}")
_OCTETS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_MAPPED = IPv6Network("::ffff:0:0/96")


def parse_address(text: str) -> Address | None:
    """The address, or None if Go would not read it (zones and leading zeros included)."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else found


@lru_cache(maxsize=65_536)
def parse_network(text: str) -> tuple[Address, Network] | None:
    """The address as written and the range around it, or None if Go would not read it."""
    written, slash, length = text.partition("/")
    address = parse_address(written)
    if not slash or address is None or _PREFIX.fullmatch(length) is None:
        return None
    if int(length) > address.max_prefixlen:
        return None
    return address, ip_network((address, int(length)), strict=False)


def is_cidr(text: str) -> bool:
    """Whether definitions of Kubernetes take the text for a range (`isCIDR` in CEL).

    That is stricter than Go's older parser: no leading zeros, and no IPv4 in IPv6 spelling.
    """
    parsed, (_, _, length) = parse_network(text), text.partition("/")
    return parsed is not None and length == str(int(length)) and not _is_mapped(parsed[0])


def _is_mapped(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.ipv4_mapped is not None


def has_leading_zeros(text: str) -> bool:
    """Whether only leading zeros keep `text` from being an IPv4 range.

    Kubernetes takes them as decimals, Go's own parser and so Calico and Cilium do not.
    """
    written, _, length = text.partition("/")
    if _OCTETS.fullmatch(written) is None or parse_network(text) is not None:
        return False
    plain = ".".join(str(int(part)) for part in written.split("."))
    return parse_network(f"{plain}/{length}") is not None


def is_mapped(network: Network) -> bool:
    """Whether the range is IPv4 in IPv6 spelling, or holds such addresses among few others."""
    return isinstance(network, IPv6Network) and network.subnet_of(_MAPPED)
