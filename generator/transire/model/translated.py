"""IPv6 ranges that carry IPv4 addresses, and what they carry.

Sources: RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4291 (mapped and compatible), RFC 7915
(translated).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from transire.model.net import Network, contains, overlaps

CARRIERS = {
    IPv6Network("64:ff9b::/96"): ("NAT64", 96),
    IPv6Network("64:ff9b:1::/48"): ("local NAT64", 96),
    IPv6Network("2002::/16"): ("6to4", 16),
    IPv6Network("::ffff:0:0/96"): ("IPv4-mapped", 96),
    IPv6Network("::ffff:0:0:0/96"): ("IPv4-translated", 96),
    IPv6Network("::/96"): ("IPv4-compatible", 96),
}
"""Prefixes whose addresses carry an IPv4 address, what they are for, and how many bits before it.

Of the prefix for local use (RFC 8215) each network takes parts as it likes, /96 for the most.
"""

_ROUTED = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"))
"""Those that the way to the internet translates."""

_BITS = 32


def carried(network: Network) -> Iterator[tuple[IPv4Network, str]]:
    """The IPv4 ranges that an IPv6 range carries, each with what its prefix is for.

    A range around a whole prefix carries every IPv4 address; one inside it those of its bits.
    """
    if isinstance(network, IPv4Network):
        return
    for prefix, (what, before) in CARRIERS.items():
        if contains(network, prefix):
            yield IPv4Network("0.0.0.0/0"), what
        elif contains(prefix, network):
            length = max(0, min(network.prefixlen - before, _BITS))
            bits = (int(network.network_address) >> 128 - before - _BITS) & 0xFFFFFFFF
            yield IPv4Network((bits, length), strict=False), what


def meet(one: Network, other: Network) -> bool:
    """Whether two ranges have an address in common, by themselves or as what they carry."""
    ours = (one, *(inside for inside, _ in carried(one)))
    theirs = (other, *(inside for inside, _ in carried(other)))
    return any(overlaps(mine, each) for mine in ours for each in theirs)


def translations(network: IPv4Network) -> Iterator[IPv6Network]:
    """The forms of an IPv4 range that are routed as IPv6."""
    for prefix in _ROUTED:
        rest = 128 - prefix.prefixlen - _BITS
        first = int(prefix.network_address) | int(network.network_address) << rest
        yield IPv6Network((first, prefix.prefixlen + network.prefixlen))
