"""Exact sets of IPv4 and IPv6 addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
    summarize_address_range,
)
from typing import Literal, Self

from transire.flows.diagrams.axes import IPV6_FIRST, NO_KEY, PAST, Axis
from transire.flows.diagrams.diagram import Node, node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.exact_set import ExactSet

ADDRESS = (Axis.ADDRESS, NO_KEY)
_PAST = PAST[Axis.ADDRESS]
_IPV4 = 4
_SHORT = 4
"""A range that needs more networks than this is shown by its ends."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def number_of(address: Address) -> int:
    """The address's place on the line."""
    return int(address) + (IPV6_FIRST if isinstance(address, IPv6Address) else 0)


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
        return cls.nets(["0.0.0.0/0" if version == _IPV4 else "::/0"])

    @classmethod
    def _span(cls, first: int, past: int) -> Self:
        steps = [(0, False), (first, True)]
        if past < _PAST:
            steps.append((past, False))
        return cls(diagram=node(ADDRESS, StepFunction(steps[first == 0 :])))

    def __str__(self) -> str:
        if isinstance(self.diagram, bool):
            return "any address" if self.diagram else "no address"
        found = []
        for name, first, past in (("IPv4", 0, IPV6_FIRST), ("IPv6", IPV6_FIRST, _PAST)):
            inside, outside = self._parts(first, past)
            if inside and not outside:
                found.append(f"any {name} address")
            elif len(outside) < len(inside):
                whole = "0.0.0.0/0" if name == "IPv4" else "::/0"
                found.append(f"{whole} except {' and '.join(outside)}")
            else:
                found.extend(inside)
        return ", ".join(found)

    def _parts(self, first: int, past: int) -> tuple[list[str], list[str]]:
        """What is in the set and what is not, between two places, as networks."""
        inside: list[str] = []
        outside: list[str] = []
        if isinstance(self.diagram, Node) and isinstance(self.diagram.cells, StepFunction):
            for start, last, result in self.diagram.cells.spans(_PAST):
                if start < past and last >= first:
                    shown = _shown(max(start, first), min(last, past - 1))
                    (inside if result else outside).extend(shown)
        return inside, outside

    def networks(self) -> tuple[Network, ...]:
        """The fewest networks that make up the set, IPv4 first."""
        found: list[Network] = []
        for family in (4, 6):
            mine = self & self.family(family)
            if isinstance(mine.diagram, Node) and isinstance(mine.diagram.cells, StepFunction):
                for first, last, result in mine.diagram.cells.spans(_PAST):
                    if result:
                        found += summarize_address_range(address_at(first), address_at(last))
        return tuple(found)

    def __contains__(self, address: Address) -> bool:
        if isinstance(self.diagram, bool):
            return self.diagram
        return self.diagram.cells.at(number_of(address)) is True  # type: ignore[arg-type]


def _bounds(net: Network | str) -> tuple[int, int]:
    network = ip_network(net, strict=False) if isinstance(net, str) else net
    first = number_of(network.network_address)
    return first, first + network.num_addresses


def _shown(first: int, last: int) -> list[str]:
    """Networks that make up a range, or its ends where they are many."""
    one, other = address_at(first), address_at(last)
    nets = [str(net) for net in summarize_address_range(one, other)]
    return nets if len(nets) <= _SHORT else [f"{one}-{other}"]
