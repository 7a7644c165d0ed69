"""Ports in Cilium's items: at most 40 to a group, ranges by version, server names on 443/TCP.

Sources: Cilium's `pkg/policy/api/rule_validation.go` and the CRDs of each line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.chart_values import Item
from transire.model.engine import Release
from transire.model.net import PortRange, Protocol, merge_ports, without_echo

MAX_PORTS = 40
"""Ports that one group holds at most."""

RANGES_SINCE = "1.16"
"""Before it `endPort` is dropped by the API server, and only the first port stays open."""

HTTPS = PortRange(protocol=Protocol.TCP, first=443, last=443)


def ports_fault(ports: Iterable[PortRange], release: Release) -> Refusal | None:
    """Why this version cannot write the ports, or None.

    Single ports are exact, so ranges are written port by port up to 40 of them.
    """
    merged = merge_ports(without_echo(ports))
    ranges = [each for each in merged if each.first != each.last]
    count = sum(each.last - each.first + 1 for each in merged)
    if release.at_least(RANGES_SINCE) or not ranges or count <= MAX_PORTS:
        return None
    written = ", ".join(map(str, ranges))
    return Refusal(
        id="port-range-not-expressible",
        why=f"before {RANGES_SINCE} cilium has no port ranges, and the rule's ports with "
        f"{written} come to {count} single ports, which is more than {MAX_PORTS}",
        remedy=f"name at most {MAX_PORTS} ports in the rule, or use cilium {RANGES_SINCE}",
    )


def port_groups(
    ports: Iterable[PortRange],
    release: Release,
    server_names: Sequence[str] = (),
    *,
    https_alone: bool = False,
) -> list[Item]:
    """The ports in groups of at most 40; with server names, 443/TCP first in a group of its own.

    `https_alone` writes 443/TCP as a port of its own without them, too. Where server names hold on
    443/TCP, only a plain rule for exactly that port means any name: a range around it does not
    lift them.
    """
    merged = merge_ports(without_echo(ports))
    groups: list[Item] = []
    if (server_names or https_alone) and any(each.covers(HTTPS) for each in merged):
        names = {"serverNames": list(server_names)} if server_names else {}
        groups.append({"ports": [_port(HTTPS)], **names})
        merged = without_https(merged)
    written = merged if release.at_least(RANGES_SINCE) else _single(merged)
    groups += [
        {"ports": [_port(each) for each in written[start : start + MAX_PORTS]]}
        for start in range(0, len(written), MAX_PORTS)
    ]
    return groups


def as_written(
    ports: Iterable[PortRange], release: Release, *, https_alone: bool = False
) -> tuple[PortRange, ...]:
    """The same ports as `port_groups` writes them, one by one."""
    merged = merge_ports(without_echo(ports))
    first: tuple[PortRange, ...] = ()
    if https_alone and any(each.covers(HTTPS) for each in merged):
        first, merged = (HTTPS,), without_https(merged)
    return first + (merged if release.at_least(RANGES_SINCE) else _single(merged))


def without_https(ports: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The ports but 443/TCP."""
    return tuple(piece for each in merge_ports(ports) for piece in _beside_https(each))


def _beside_https(each: PortRange) -> list[PortRange]:
    if not each.covers(HTTPS):
        return [each]
    sides = ((each.first, HTTPS.first - 1), (HTTPS.last + 1, each.last))
    return [
        PortRange(protocol=each.protocol, first=first, last=last)
        for first, last in sides
        if first <= last
    ]


def _single(ports: Iterable[PortRange]) -> tuple[PortRange, ...]:
    return tuple(
        PortRange(protocol=each.protocol, first=port, last=port)
        for each in ports
        for port in range(each.first, each.last + 1)
    )


def _port(each: PortRange) -> Item:
    if each.first == each.last:
        return {"port": each.first, "protocol": each.protocol.value}
    return {"port": each.first, "endPort": each.last, "protocol": each.protocol.value}
