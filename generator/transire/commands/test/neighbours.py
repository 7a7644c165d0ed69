"""What stands next to a destination: names, addresses and ports that it does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from transire.model.names import MAX_LABEL, MAX_NAME, HostKind, HostPattern
from transire.model.net import MAX_PORT, Address, Network, PortRange, Protocol, merge_ports

_ECHO = 8
"""The type of an echo request of ICMP; that of ICMPv6 is another."""


def example_port(ports: PortRange) -> tuple[int, str]:
    """A port of the range with its protocol, as queries have it: for ICMP the type."""
    if ports.protocol is Protocol.ICMP:
        return _ECHO, str(ports.protocol)
    return ports.first, str(ports.protocol)


def other_port(ports: Sequence[PortRange]) -> tuple[int, str] | None:
    """The port right behind the first ranges, else right before; None where there is neither.

    One port is the least that a rule can be widened by.
    """
    merged = [each for each in merge_ports(ports) if each.protocol is not Protocol.ICMP]
    if not merged:
        return None
    first = merged[0]
    if first.last < MAX_PORT:
        return first.last + 1, str(first.protocol)
    return (first.first - 1, str(first.protocol)) if first.first > 1 else None


def other_names(pattern: HostPattern) -> Iterator[str]:
    """Names that the pattern does not mean and a slightly wider one does.

    Beside a name its sibling, beside a wildcard the domain itself, and one label more or less.
    """
    example = pattern.example()
    if pattern.kind in {HostKind.EXACT, HostKind.PARTIAL}:
        label, dot, rest = example.partition(".")
        sibling = f"not-{label}"
        if len(sibling) <= MAX_LABEL and len(sibling + dot + rest) <= MAX_NAME:
            yield f"{sibling}{dot}{rest}"
        return
    if pattern.kind is HostKind.ONE_LABEL:
        yield f"b.{example}"
    yield pattern.parent
    yield from other_names(HostPattern(pattern.parent))


def some_address(network: Network) -> Address:
    """The second address of a range, since the first one names it; the only one of a single."""
    return network[1] if network.num_addresses > 1 else network[0]


def other_address(network: Network) -> Network | None:
    """The nearest address in the other half of the range that is twice as large."""
    if network.prefixlen == 0:
        return None
    after = int(network.broadcast_address) + 1
    wider = network.supernet()
    beside = after if after <= int(wider.broadcast_address) else int(network.network_address) - 1
    kind = type(network.network_address)
    return ip_network(kind(beside))
