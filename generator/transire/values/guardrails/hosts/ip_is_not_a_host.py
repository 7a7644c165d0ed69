"""Refuse an address, or a span of addresses, in the place of a name.

What it does: reports hosts that read as an IPv4 address, as a span such as `198.51.100.1-20` or as
an address with stars.
Why is this bad? Engines match host rules against DNS answers; no query ever asks for an address,
so the rule looks right and allows nothing.
Bad:
    {name: legacy, reason: old gateway, to: ["198.51.100.7"]}
    {name: depots, reason: reach depots, to: [198.51.100.8-198.51.100.11]}
    {name: short, reason: reach depots, to: [198.51.100.1-20]}
    {name: stars, reason: reach depots, to: ["198.51.*.7"]}
Good:
    {name: legacy, reason: old gateway, ticket: SEC-1, to: [{cidr: 198.51.100.7/32}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, summarize_address_range

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "ip-is-not-a-host"
LEVEL = Level.ERROR

_SPAN = re.compile(r"([0-9.]{1,40})-([0-9.]{1,40})")
_MOST = 8
"""How many ranges a proposal lists."""


def is_address(host: str) -> bool:
    """Whether a host's last label is a number, or a span of numbers.

    No top-level domain is (RFC 3696, section 2).
    """
    first, dash, last = host.rpartition(".")[2].partition("-")
    return first.isdigit() and (not dash or last.isdigit())


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host that is an address or a span of them."""
    for entry, host in review.hosts():
        text = host.pattern.text
        if not is_address(text):
            continue
        what = "a span of addresses" if "-" in text else "an address"
        if "*" in text:
            what = "a pattern of addresses"
        yield entry.finding(
            host.at,
            f"{text!r} is {what}, and no DNS query asks for one",
            _remedy(text),
            host.pattern,
        )


def _remedy(text: str) -> str:
    """The same addresses as ranges; the form of ranges where they are too many or not clear."""
    ends = _ends(text)
    if ends is not None:
        ranges = [*summarize_address_range(*ends)]
        if len(ranges) <= _MOST:
            written = ", ".join(f"{{cidr: {each}}}" for each in ranges)
            return f"write {written} instead"
    return "write each range of addresses as {cidr: ADDRESS/PREFIX}"


def _ends(text: str) -> tuple[IPv4Address, IPv4Address] | None:
    """The first and the last address that are meant, where that is clear."""
    span = _SPAN.fullmatch(text)
    first, last = (span[1], span[2]) if span else (text, text)
    if "." not in last:
        last = f"{first.rpartition('.')[0]}.{last}"
    try:
        ends = IPv4Address(first), IPv4Address(last)
    except AddressValueError:
        return None
    return ends if ends[0] <= ends[1] else None
