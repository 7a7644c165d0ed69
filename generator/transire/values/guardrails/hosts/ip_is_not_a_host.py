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
from dataclasses import replace
from ipaddress import AddressValueError, IPv4Address, summarize_address_range

from transire.model.guardrail import Finding
from transire.model.intent import Host
from transire.model.problems import Level
from transire.model.waiver import inline
from transire.values import proposals
from transire.values.guardrails.context import GuardrailContext

ID = "ip-is-not-a-host"
LEVEL = Level.ERROR

_SPAN = re.compile(r"([0-9.]{1,40})-([0-9.]{1,40})")
_FORM = "write each range of addresses as {cidr: ADDRESS/PREFIX}"
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
        written = _ranges(host)
        finding = entry.finding(
            host.at,
            f"{text!r} is {what}, and no DNS query asks for one",
            f"write {written} instead" if written else _FORM,
            host.pattern,
        )
        yield replace(finding, proposal=proposals.item(host.at, written) if written else None)


def _ranges(host: Host) -> str:
    """The same addresses as ranges on the same ports; empty where they are too many or unclear."""
    ends = _ends(host.pattern.text)
    ranges = [*summarize_address_range(*ends)] if ends else []
    if len(ranges) > _MOST:
        return ""
    own = {"ports": [str(each) for each in host.ports]} if host.ports else {}
    return ", ".join(inline({"cidr": str(each), **own}, quoted=True) for each in ranges)


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
