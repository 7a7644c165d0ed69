"""Keep name resolution where it can be seen.

What it does: reports public DNS-over-HTTPS and DNS-over-TLS resolvers, by name and by address, and
the ports 53 and 853 to anywhere outside the cluster.
Why is this bad? A pod that resolves elsewhere makes names invisible: host rules stop matching what
it learns, and queries themselves carry data out.
Bad:
    {name: resolver, reason: faster lookups, to: [dns.google]}
Good:
    {name: api, reason: charge cards, to: [api.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from transire.meaning.hosts import matches
from transire.model.guardrail import Finding
from transire.model.intent import AddressRange, Host
from transire.model.names import HostPattern
from transire.model.net import contains
from transire.model.problems import Level
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "resolver-bypass"
LEVEL = Level.ERROR

NAMES = (
    "1dot1dot1dot1.cloudflare-dns.com",
    "chrome.cloudflare-dns.com",
    "cloudflare-dns.com",
    "dns.adguard-dns.com",
    "dns.alidns.com",
    "dns.google",
    "dns.nextdns.io",
    "dns.quad9.net",
    "dns9.quad9.net",
    "dns10.quad9.net",
    "dns11.quad9.net",
    "dns.mullvad.net",
    "doh.cleanbrowsing.org",
    "doh.dns.sb",
    "doh.opendns.com",
    "doh.pub",
    "mozilla.cloudflare-dns.com",
    "one.one.one.one",
    "security.cloudflare-dns.com",
)
"""Well-known public resolvers that offer DNS over HTTPS or TLS."""

ADDRESSES = tuple(
    ip_network(text)
    for text in (
        "1.0.0.1/32",
        "1.1.1.1/32",
        "8.8.4.4/32",
        "8.8.8.8/32",
        "9.9.9.9/32",
        "149.112.112.112/32",
        "208.67.220.220/32",
        "208.67.222.222/32",
        "2001:4860:4860::8844/128",
        "2001:4860:4860::8888/128",
        "2606:4700:4700::1001/128",
        "2606:4700:4700::1111/128",
        "2620:fe::fe/128",
    )
)
"""Addresses of the same resolvers."""

HELP = "resolve through the cluster's own DNS, or ask for an entry in values/exceptions.yaml"
DNS_PORTS = (53, 853)


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every way to a resolver that is not the cluster's own."""
    for entry in review.entries():
        for host in entry.rule.hosts:
            name = _resolver_in(host.pattern)
            if name is not None:
                yield entry.finding(
                    host.at,
                    f"{host.pattern.shown} covers the public resolver {name}",
                    HELP,
                )
        for each in entry.rule.ranges:
            address = next(
                (resolver for resolver in ADDRESSES if contains(each.cidr, resolver)), None
            )
            if address is not None:
                yield entry.finding(
                    each.at,
                    f"{each.cidr} covers the public resolver {address.network_address}",
                    HELP,
                )
        yield from _ports(entry)


def _resolver_in(pattern: HostPattern) -> str | None:
    """The first resolver that a host of the values is or covers."""
    return next((each for each in NAMES if matches(pattern, each)), None)


def _ports(entry: Entry) -> Iterator[Finding]:
    outside: list[Host | AddressRange] = [*entry.rule.hosts, *entry.rule.ranges]
    ways = [(each.at, each.ports) for each in outside if each.ports]
    if len(ways) < len(outside):
        ways.insert(0, (entry.rule.at, entry.rule.ports))
    for at, ports in ways:
        for port in ports:
            found = next((each for each in DNS_PORTS if port.first <= each <= port.last), None)
            if found is not None:
                yield entry.finding(
                    at, f"port {port} of {entry.rule.name!r} lets DNS out on port {found}", HELP
                )
