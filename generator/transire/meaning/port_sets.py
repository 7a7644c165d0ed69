"""Which ports the ports of values stand for, as exact sets."""

from __future__ import annotations

from collections.abc import Iterable

from transire.flows.port_set import PortSet
from transire.flows.port_set import Protocol as IpProtocol
from transire.model.net import PortRange, Protocol

_ECHO_REQUESTS = PortSet.of_icmp(4, 8) | PortSet.of_icmp(6, 128)


def port_set(ranges: Iterable[PortRange]) -> PortSet:
    """The ports that a rule of the values names."""
    return PortSet.union(
        _ECHO_REQUESTS
        if each.protocol is Protocol.ICMP
        else PortSet.of_port(IpProtocol[each.protocol.value], each.first, each.last)
        for each in ranges
    )
