"""Exact sets of protocols and ports."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, Self

from transire.model.diagram import Diagram, node
from transire.model.exact import ExactSet
from transire.model.ranges import Ranges
from transire.model.variables import NO_KEY, Axis

PAST_PROTOCOLS = 1 << 8
PAST_PORTS = 1 << 16


class Protocol(IntEnum):
    """IP protocols that people call by name."""

    ICMP = 1
    IGMP = 2
    TCP = 6
    UDP = 17
    ICMPv6 = 58
    VRRP = 112
    SCTP = 132
    UDPLITE = 136


class PortSet(ExactSet):
    """A set of protocols with ports 0 to 65535; for ICMP the port is type * 256 + code.

    For a protocol without ports the port says nothing: use `of_protocol`.
    """

    __slots__ = ()

    @classmethod
    def of_protocol(cls, protocol: int) -> Self:
        """Every port of a protocol, or just the protocol where it has no ports."""
        return cls._where(protocol, True)

    @classmethod
    def of_port(cls, protocol: int, first: int, last: int | None = None) -> Self:
        """The ports from `first` to `last`, both included; `first` alone without `last`.

        Raises:
            ValueError: if the ports are not in order between 0 and 65535.
        """
        last = first if last is None else last
        if not 0 <= first <= last < PAST_PORTS:
            raise ValueError(f"{first}-{last} is not a range of ports between 0 and 65535")
        return cls._where(protocol, node((Axis.PORT, NO_KEY), _span(first, last, True, PAST_PORTS)))

    @classmethod
    def of_icmp(cls, version: Literal[4, 6], kind: int, code: int | None = None) -> Self:
        """ICMP messages of IPv4 or IPv6 by type, of one code or of all."""
        first = kind * 256 + (code or 0)
        protocol = Protocol.ICMP if version == 4 else Protocol.ICMPv6  # noqa: PLR2004
        return cls.of_port(protocol, first, first + 255 if code is None else first)

    @classmethod
    def _where(cls, protocol: int, ports: Diagram) -> Self:
        if not 0 <= protocol < PAST_PROTOCOLS:
            raise ValueError(f"{protocol} is not an IP protocol between 0 and 255")
        cells = _span(protocol, protocol, ports, PAST_PROTOCOLS)
        return cls(diagram=node((Axis.PROTOCOL, NO_KEY), cells))


def _span(first: int, last: int, result: Diagram, past: int) -> Ranges:
    steps: list[tuple[int, Diagram]] = [(0, False), (first, result)]
    if last + 1 < past:
        steps.append((last + 1, False))
    return Ranges(steps[first == 0 :])
