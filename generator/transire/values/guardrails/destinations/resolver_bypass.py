"""Keep name resolution where it can be seen.

What it does: reports public resolvers, by name and by address, on the ports where such answer
(53, 443, 853 and a few others), and the ports 53 and 853 to anywhere outside the cluster. Ranges
count as what they carry (NAT64, 6to4, mapped), and names such as `8-8-8-8.nip.io` as their address.
The list of resolvers is of 2026-11-30.
Why is this bad? A pod that resolves elsewhere makes names invisible: host rules stop matching what
it learns, and queries themselves carry data out.
Bad:
    {name: resolver, reason: faster lookups, to: [dns.google]}
    {name: range, reason: faster lookups, ticket: SEC-1, to: [{cidr: 1.1.1.2/32}]}
    {name: carried, reason: faster lookups, ticket: SEC-1, to: [{cidr: "64:ff9b::808:808/128"}]}
    {name: by-name, reason: faster lookups, to: [8-8-8-8.nip.io]}
    {name: port, reason: look names up, to: [names.example.net], ports: [853]}
Good:
    {name: api, reason: charge cards, to: [api.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from transire.meaning import public_resolvers
from transire.meaning.address_names import addresses_in
from transire.meaning.known_names import KnownNames
from transire.model.guardrail import Finding
from transire.model.intent import AddressRange, Destination, Host
from transire.model.net import Network, PortRange, Protocol
from transire.model.problems import Level
from transire.model.translated import carried
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "resolver-bypass"
LEVEL = Level.ERROR

HELP = "resolve through the cluster's own DNS, or ask for an entry in values/exceptions.yaml"
DNS_PORTS = (53, 853)
"""Ports that carry nothing but DNS."""

_NAMES = KnownNames.of(public_resolvers.names())
_TRANSPORTS = (Protocol.TCP, Protocol.UDP)


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every way to a resolver that is not the cluster's own."""
    for entry in review.entries():
        for host in entry.rule.hosts:
            if _answered(entry.ports_of(host), public_resolvers.PORTS):
                yield from _host(review, entry, host)
        for each in entry.rule.ranges:
            if _answered(entry.ports_of(each), public_resolvers.PORTS):
                yield from _range(entry, each)
        yield from _ports(entry)


def _answered(ports: Sequence[PortRange], numbers: Sequence[int]) -> int | None:
    """The first of these ports that the ranges open over TCP or UDP."""
    return next(
        (
            number
            for number in numbers
            for port in ports
            if port.protocol in _TRANSPORTS and port.first <= number <= port.last
        ),
        None,
    )


def _host(review: GuardrailContext, entry: Entry, host: Host) -> Iterator[Finding]:
    for reading, where in review.readings(entry, host.pattern):
        name = _NAMES.shared_with(reading)
        if name is not None:
            read = f", {reading.text} on {where}," if where else ""
            what = "is a public resolver"
            if name != host.pattern.text:
                what = f"covers the public resolver {name}"
            yield entry.finding(host.at, f"{host.pattern.shown}{read} {what}", HELP, host.pattern)
            return
    for address in addresses_in(host.pattern.text):
        if _covered(ip_network(address)):
            what = f"resolves to {address}, a public resolver"
            yield entry.finding(host.at, f"{host.pattern.shown} {what}", HELP, host.pattern)
            return


def _range(entry: Entry, each: AddressRange) -> Iterator[Finding]:
    covered = _covered(each.cidr)
    if covered:
        yield entry.finding(
            each.at, f"{each.cidr} covers the public resolver {covered}", HELP, each.cidr
        )


def _covered(network: Network) -> str:
    """A resolver that a range has, and how where it carries that; empty where it has none."""
    address = public_resolvers.first_within(network)
    if address is not None:
        return str(address)
    for inside, what in carried(network):
        address = public_resolvers.first_within(inside)
        if address is not None:
            return f"{address} by {what}"
    return ""


def _ports(entry: Entry) -> Iterator[Finding]:
    outside: list[Destination] = [*entry.rule.hosts, *entry.rule.ranges]
    for port, of in entry.ports_to(outside):
        found = _answered([port], DNS_PORTS)
        if found is not None:
            yield entry.finding(
                entry.place_of(port.protocol, found, of),
                f"port {port} of {entry.rule.name!r} lets DNS out on port {found}",
                HELP,
                *entry.on_port(port, of, outside),
            )
