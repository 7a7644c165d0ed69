"""Refuse address ranges that are no addresses of the internet.

What it does: reports ranges that touch RFC 1918, RFC 6598, RFC 4193, link-local, site-local,
loopback or multicast addresses, also in the IPv6 forms that carry them (NAT64, 6to4, mapped), and
names such as `10-0-0-1.nip.io` that answer with one. A range inside a known network of the
platform's `networks` is none of them where every cluster on which the rule holds has that network.
Why is this bad? They are other machines of one's own: databases, routers, other clusters. Whether
a team may reach them is not its own decision.
Bad:
    {name: legacy, reason: old database, ticket: SEC-1, to: [{cidr: 10.20.0.0/16}]}
    {name: carried, reason: old database, ticket: SEC-1, to: [{cidr: "64:ff9b::a14:0/112"}]}
    {name: by-name, reason: old database, to: [10-20-0-7.nip.io]}
Good:
    {name: partner, reason: partner's gateway, ticket: SEC-1, to: [{cidr: 198.51.100.16/28}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from transire.meaning.address_names import addresses_in
from transire.meaning.premises.metadata_services import is_metadata
from transire.model.guardrail import Finding
from transire.model.net import Network, overlaps
from transire.model.problems import Level
from transire.model.translated import carried
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "private-cidr"
LEVEL = Level.ERROR

PRIVATE = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "::/127",
        "64:ff9b:1::/48",
        "100::/64",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""Ranges that no public address lies in (IANA special-purpose registries, RFC 3879, RFC 8215)."""

_HELP = (
    "write {namespace: NAME, pods: ...} for the cluster's own pods, have the platform declare the "
    "network, or ask for an entry in values/exceptions.yaml"
)


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range that touches a private one, the metadata addresses' own guardrail apart."""
    for entry in review.entries():
        for each in review.strangers(entry):
            touched = _touched(each.cidr)
            if touched and not is_metadata(each.cidr):
                yield entry.finding(
                    each.at,
                    f"{each.cidr} reaches into {touched}, which is not the internet",
                    _HELP,
                    each.cidr,
                )
        yield from _names(entry)


def _touched(network: Network) -> str:
    """The private range that the network touches, and how, or the empty string."""
    for private in PRIVATE:
        if overlaps(private, network):
            return str(private)
    for inside, what in carried(network):
        for private in PRIVATE:
            if overlaps(private, inside):
                return f"{private} by {what}"
    return ""


def _names(entry: Entry) -> Iterator[Finding]:
    for host in entry.rule.hosts:
        for address in addresses_in(host.pattern.text):
            network = ip_network(address)
            if _touched(network) and not is_metadata(network):
                yield entry.finding(
                    host.at,
                    f"{host.pattern.shown} resolves to {address}, which is not on the internet",
                    "name the host by a domain of its owner, or ask for an entry in "
                    "values/exceptions.yaml",
                    host.pattern,
                )
                break
