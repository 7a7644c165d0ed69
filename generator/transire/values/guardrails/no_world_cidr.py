"""Refuse address ranges that are most of the internet.

What it does: reports IPv4 ranges shorter than /8 and IPv6 ranges shorter than /16, so that two
halves of the internet are no way around it; and such ranges as the resolver of a cluster, which
every pod may reach.
Why is this bad? A world range makes every other rule of the team meaningless.
Bad:
    {name: anything, reason: so that it works, ticket: SEC-1, to: [{cidr: 0.0.0.0/0}]}
Good:
    {name: partner, reason: partner's gateway, ticket: SEC-1, to: [{cidr: 198.51.100.16/28}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Network

from transire.model.guardrail import Finding
from transire.model.net import Network
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "no-world-cidr"
LEVEL = Level.ERROR

SHORTEST = {4: 8, 6: 16}
"""The shortest prefix that may be written, by IP version."""

_IPV4_INSIDE = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"))
"""Where IPv6 addresses carry an IPv4 address behind the prefix (RFC 6052, RFC 3056)."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range with a prefix that is too short."""
    for entry in review.entries():
        for each in entry.rule.ranges:
            if _is_world(each.cidr):
                yield entry.finding(
                    each.at,
                    f"egress to {each.cidr} is not allowed",
                    "name the hosts instead, or ask for an entry in values/exceptions.yaml",
                )
    for cluster in review.organisation.platform.clusters:
        resolver = cluster.dns.resolver
        for cidr in (*cluster.dns.addresses, *(resolver.addresses if resolver else ())):
            if _is_world(cidr):
                yield Finding(
                    team="",
                    entry=cluster.name,
                    at=cluster.dns.at,
                    message=f"{cidr} as the resolver of cluster {cluster.name!r} is not allowed",
                    help="write the addresses that pods ask, such as 169.254.20.10",
                )


def _is_world(cidr: Network) -> bool:
    shortest = SHORTEST[cidr.version]
    if isinstance(cidr, IPv6Network):
        for around in _IPV4_INSIDE:
            if cidr.subnet_of(around):
                shortest = around.prefixlen + SHORTEST[4]
    return cidr.prefixlen < shortest
