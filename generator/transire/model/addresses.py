"""Exact sets of IPv4 and IPv6 addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Literal, Self

from transire.model.diagram import node
from transire.model.exact import ExactSet
from transire.model.ranges import Ranges
from transire.model.variables import NO_KEY, Axis

ADDRESS = (Axis.ADDRESS, NO_KEY)
IPV6_FIRST = 1 << 32
"""Both families lie on one line: IPv4 first, then IPv6 from here."""
PAST_IPV6 = IPV6_FIRST + (1 << 128)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def number_of(address: Address) -> int:
    """The address's place on the line."""
    return int(address) if address.version == 4 else IPV6_FIRST + int(address)  # noqa: PLR2004


def address_at(number: int) -> Address:
    """The address at a place on the line."""
    return IPv4Address(number) if number < IPV6_FIRST else IPv6Address(number - IPV6_FIRST)


class AddressSet(ExactSet):
    """A set of addresses of both families."""

    __slots__ = ()

    @classmethod
    def nets(cls, nets: Iterable[Network | str]) -> Self:
        """The addresses of some networks; host bits in a string are ignored.

        Raises:
            ValueError: if a string is not an address or network.
        """
        return cls.union(cls._span(*_bounds(net)) for net in nets)

    @classmethod
    def family(cls, version: Literal[4, 6]) -> Self:
        """Every address of one family."""
        return cls._span(0, IPV6_FIRST) if version == 4 else cls._span(IPV6_FIRST, PAST_IPV6)  # noqa: PLR2004

    @classmethod
    def _span(cls, first: int, past: int) -> Self:
        steps = [(0, False), (first, True)]
        if past < PAST_IPV6:
            steps.append((past, False))
        return cls(diagram=node(ADDRESS, Ranges(steps[first == 0 :])))

    def __contains__(self, address: Address) -> bool:
        if isinstance(self.diagram, bool):
            return self.diagram
        return self.diagram.cells.at(number_of(address)) is True  # type: ignore[arg-type]


def _bounds(net: Network | str) -> tuple[int, int]:
    network = ip_network(net, strict=False) if isinstance(net, str) else net
    first = number_of(network.network_address)
    return first, first + network.num_addresses
