"""Refuse an address in the place of a name.

What it does: reports hosts that read as an IPv4 address, wildcards included.
Why is this bad? Engines match host rules against DNS answers; no query ever asks for an address,
so the rule looks right and allows nothing.
Bad:
    {name: legacy, reason: old gateway, to: ["198.51.100.7"]}
Good:
    {name: legacy, reason: old gateway, ticket: SEC-1, to: [{cidr: 198.51.100.7/32}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "ip-is-not-a-host"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host whose last label is a number: no top-level domain is (RFC 3696, section 2)."""
    for entry, host in review.hosts():
        if host.pattern.text.rpartition(".")[2].isdigit():
            yield entry.finding(
                host.at,
                f"{host.pattern.text!r} is an address, and no DNS query asks for one",
                f"write {{cidr: {host.pattern.text}/32}} instead",
            )
