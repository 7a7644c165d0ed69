"""Refuse address ranges that are no addresses of the internet.

What it does: reports ranges that touch RFC 1918, RFC 6598, RFC 4193, link-local, loopback or
multicast addresses. A range inside a known network of the platform's `networks` is none of them
where every cluster on which the rule holds has that network.
Why is this bad? They are other machines of one's own: databases, routers, other clusters. Whether
a team may reach them is not its own decision.
Bad:
    {name: legacy, reason: old database, ticket: SEC-1, to: [{cidr: 10.20.0.0/16}]}
Good:
    {name: partner, reason: partner's gateway, ticket: SEC-1, to: [{cidr: 198.51.100.16/28}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from transire.model.guardrail import Finding
from transire.model.net import METADATA, contains, overlaps
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

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
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Ranges that no public address lies in (IANA special-purpose registries)."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range that touches a private one, the metadata addresses' own guardrail apart."""
    for entry in review.entries():
        for each in review.strangers(entry):
            touched = next((private for private in PRIVATE if overlaps(private, each.cidr)), None)
            if touched is None or any(contains(address, each.cidr) for address in METADATA):
                continue
            yield entry.finding(
                each.at,
                f"{each.cidr} reaches into {touched}, which is not the internet",
                "write {namespace: NAME, pods: ...} for the cluster's own pods, have the platform "
                "declare the network, or ask for an entry in values/exceptions.yaml",
            )
