"""Exact sets of protocols and ports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Literal, Self

from transire.flows.diagrams.axes import NO_KEY, PAST, Axis
from transire.flows.diagrams.diagram import Diagram, node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.exact_set import ExactSet


class Protocol(IntEnum):
    """IP protocols that people call by name."""

    ICMP = 1
    IGMP = 2
    TCP = 6
    UDP = 17
    ICMPv6 = 58
    VRRP = 112
    SCTP = 132
    UDPLite = 136


class PortSet(ExactSet):
    """A set of protocols with ports 0 to 65535; for ICMP the port is type * 256 + code.

    For a protocol without ports the port has no meaning: use `of_protocol`.
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
        if not 0 <= first <= last < PAST[Axis.PORT]:
            raise ValueError(f"{first}-{last} is not a range of ports between 0 and 65535")
        return cls._where(protocol, _span(Axis.PORT, first, last, True))

    @classmethod
    def of_icmp(cls, version: Literal[4, 6], kind: int, code: int | None = None) -> Self:
        """ICMP messages of IPv4 or IPv6 by type, of one code or of all."""
        first = kind * 256 + (code or 0)
        protocol = {4: Protocol.ICMP, 6: Protocol.ICMPv6}[version]
        return cls.of_port(protocol, first, first + 255 if code is None else first)

    @classmethod
    def _where(cls, protocol: int, ports: Diagram) -> Self:
        if not 0 <= protocol < PAST[Axis.PROTOCOL]:
            raise ValueError(f"{protocol} is not an IP protocol between 0 and 255")
        return cls(diagram=_span(Axis.PROTOCOL, protocol, protocol, ports))

    def __str__(self) -> str:
        """Such as `443/TCP, 8000-8010/TCP, ICMP type 8`, or `any port except 53/UDP`."""
        protocols = list(_spans(self.diagram, Axis.PROTOCOL))
        most = sum(last + 1 - first for first, last, ports in protocols if ports is True)
        if most <= PAST[Axis.PROTOCOL] // 2:
            return ", ".join(_listed(protocols, wanted=True)) or "no port"
        missing = list(_listed(protocols, wanted=False))
        if not missing:
            return "any port"
        whole = all(ports in {True, False} for _, _, ports in protocols)
        return f"any {'protocol' if whole else 'port'} except {', '.join(missing)}"


def _listed(protocols: Sequence[tuple[int, int, Diagram]], *, wanted: bool) -> Iterator[str]:
    """The protocols and then the ports that are in the set, or those that are not."""
    for first, last, ports in protocols:
        yield from map(protocol_name, range(first, last + 1) if ports is wanted else ())
    for first, last, ports in protocols:
        for protocol in range(first, last + 1) if not isinstance(ports, bool) else ():
            yield from _ports(protocol, ports, wanted=wanted)


@lru_cache(maxsize=1_024)
def _span(axis: Axis, first: int, last: int, result: Diagram) -> Diagram:
    steps: list[tuple[int, Diagram]] = [(0, False), (first, result)]
    if last + 1 < PAST[axis]:
        steps.append((last + 1, False))
    return node((axis, NO_KEY), StepFunction(steps[first == 0 :]))


def _spans(diagram: Diagram, axis: Axis) -> list[tuple[int, int, Diagram]]:
    if isinstance(diagram, bool) or diagram.variable[0] != axis:
        return [(0, PAST[axis] - 1, diagram)]
    return list(diagram.cells.spans(PAST[axis])) if isinstance(diagram.cells, StepFunction) else []


def _ports(protocol: int, ports: Diagram, *, wanted: bool) -> list[str]:
    shown = _icmp if protocol in {Protocol.ICMP, Protocol.ICMPv6} else _range
    name, spans = protocol_name(protocol), _spans(ports, Axis.PORT)
    return [shown(name, first, last) for first, last, hit in spans if hit is wanted]


def _range(name: str, first: int, last: int) -> str:
    return f"{first}/{name}" if first == last else f"{first}-{last}/{name}"


def _icmp(name: str, first: int, last: int) -> str:
    (kind, code), (last_kind, last_code) = divmod(first, 256), divmod(last, 256)
    if (code, last_code) == (0, 255):
        return f"{name} type {kind}" if kind == last_kind else f"{name} types {kind}-{last_kind}"
    if first == last:
        return f"{name} type {kind} code {code}"
    return f"{name} type {kind} code {code} to type {last_kind} code {last_code}"


def protocol_name(protocol: int) -> str:
    """Such as `TCP`, or `protocol 47` for one without a name here."""
    return Protocol(protocol).name if protocol in set(Protocol) else f"protocol {protocol}"
