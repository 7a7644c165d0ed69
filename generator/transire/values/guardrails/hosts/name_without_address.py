"""Refuse a name whose answer holds no address.

What it does: reports the names of SRV records (`_mongodb._tcp.cluster0.example.net`, RFC 2782), of
text records (`_dmarc`, `_domainkey`), of reverse lookups (below in-addr.arpa and ip6.arpa), and
names below top-level domains that are in no DNS (onion, invalid, localhost; RFC 6761, RFC 7686).
Why is this bad? No connection ever goes to an address of such a name, so the rule looks right and
allows nothing.
Bad:
    {name: orders, reason: keep orders, to: [_mongodb._tcp.cluster0.example.net]}
    {name: reverse, reason: look names up, to: [7.100.51.198.in-addr.arpa]}
    {name: hidden, reason: read news, to: [news.example.onion]}
Good:
    {name: orders, reason: keep orders, to: [shard0.example.net, shard1.example.net]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from transire.model.guardrail import Finding
from transire.model.names import HostPattern
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "name-without-address"
LEVEL = Level.ERROR

TRANSPORTS = frozenset({"_dccp", "_quic", "_sctp", "_tcp", "_tls", "_udp"})
"""What the second label of an SRV record's name says."""
TEXTS = frozenset({"_acme-challenge", "_dmarc", "_domainkey", "_mta-sts", "_spf"})
"""Labels of names that hold text for mail and certificates."""
REVERSE = ("in-addr.arpa", "ip6.arpa")
UNRESOLVED = ("invalid", "localhost", "onion")
"""Top-level domains that no resolver on the internet answers for."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host of one of these kinds."""
    for entry, host in review.hosts():
        found = _without_address(host.pattern)
        if found is not None:
            why, remedy = found
            yield entry.finding(host.at, f"{host.pattern.shown} {why}", remedy, host.pattern)


def _without_address(pattern: HostPattern) -> tuple[str, str] | None:
    """Why a name has no address, and what to do instead."""
    if "_" not in pattern.text and not pattern.text.endswith((*REVERSE, *UNRESOLVED)):
        return None
    labels = pattern.text.split(".")
    if _is_service(labels):
        named = "name the hosts that its records hold"
        asked = "" if "*" in pattern.text else f", as `dig SRV {pattern.text}` lists them"
        return "is the name of an SRV record, whose answer holds no address", f"{named}{asked}"
    if TEXTS & set(labels):
        return "is the name of a text record, whose answer holds no address", "leave it out"
    if any(pattern.is_within(each) for each in REVERSE):
        return "is a name of reverse lookups, whose answer holds no address", "name the host"
    domain = next((each for each in UNRESOLVED if pattern.is_within(each)), None)
    if domain is not None and pattern.parent:
        return f"is below {domain}, which no DNS resolves", "leave it out, or name another host"
    return None


def _is_service(labels: Sequence[str]) -> bool:
    """Whether the name has a service and a transport, or is a wildcard for services of one."""
    return any(
        transport in TRANSPORTS and service.startswith(("_", "*"))
        for service, transport in pairwise(labels)
    )
