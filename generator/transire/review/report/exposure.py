"""How much a team can reach, counted by kind and never added up to a score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from transire.model.intent import AddressRange, Host, Mode
from transire.model.names import HostKind
from transire.model.net import PortRange, Protocol, merge_networks, merge_ports
from transire.review.report.facts import Reach, TeamReport, is_wildcard

HTTPS = PortRange(protocol=Protocol.TCP, first=443, last=443)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What rules reach outside the cluster, each counted once however many rules name it.

    Exact `names` are as many hosts as they are. Each of `wildcards` stands for names that nobody
    has listed. `ranges` are merged, `addresses` counts IPv4 addresses in them, and `widest_ipv6` is
    the length of the shortest IPv6 prefix. `delegated` hosts are decided about by something else
    in at least one place. `inside` counts destinations in the cluster; `other_ports` are those
    beside 443/TCP on which anything outside is reached. `audit` counts the places that block
    nothing.
    """

    names: int
    wildcards: int
    any_depth: int
    ranges: int
    addresses: int
    widest_ipv6: int | None
    delegated: int
    inside: int
    other_ports: tuple[PortRange, ...]
    audit: int = 0

    @property
    def order(self) -> tuple[int, int, int, int, int]:
        """Sorts the most exposed first: what nobody has listed, then addresses, then names."""
        return (-self.wildcards, -self.any_depth, -self.addresses, -self.ranges, -self.names)


def team_exposure(team: TeamReport) -> Exposure:
    """What the team's rules reach where they hold; rules that hold nowhere reach nothing."""
    audit = sum(each.mode is Mode.AUDIT for each in team.targets)
    return exposure((each for each in team.reaches if each.places), audit=audit)


def exposure(reaches: Iterable[Reach], *, audit: int = 0) -> Exposure:
    """What some rules reach together."""
    found = list(reaches)
    outside = [
        (each, each.ports or reach.rule.ports)
        for reach in found
        for each in reach.rule.destinations
        if isinstance(each, Host | AddressRange)
    ]
    hosts = {each.pattern: each for each, _ in outside if isinstance(each, Host)}
    ranges = merge_networks(each.cidr for each, _ in outside if isinstance(each, AddressRange))
    six = [each.prefixlen for each in ranges if not isinstance(each, IPv4Network)]
    wild = [each for each in hosts.values() if is_wildcard(each)]
    return Exposure(
        names=len(hosts) - len(wild),
        wildcards=len(wild),
        any_depth=sum(each.pattern.kind is HostKind.ANY_DEPTH for each in wild),
        ranges=len(ranges),
        addresses=sum(each.num_addresses for each in ranges if isinstance(each, IPv4Network)),
        widest_ipv6=min(six, default=None),
        delegated=len({host for reach in found for left in reach.delegated for host in left.hosts}),
        inside=len({each for reach in found for each in (*reach.rule.pods, *reach.rule.entities)}),
        other_ports=tuple(
            port
            for port in merge_ports(port for _, ports in outside for port in ports)
            if port != HTTPS
        ),
        audit=audit,
    )
