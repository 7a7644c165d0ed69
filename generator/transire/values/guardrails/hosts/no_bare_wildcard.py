"""Refuse a wildcard that stands for every name.

What it does: reports the hosts `*` and `**`.
Why is this bad? Such a rule allows the whole internet by name, and no engine says it exactly.
Bad:
    {name: anything, reason: so that it works, to: ["**"]}
Good:
    {name: payments-api, reason: charge cards, to: [api.stripe.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.names import HostKind
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "no-bare-wildcard"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host that is nothing but stars."""
    for entry, host in review.hosts():
        if host.pattern.kind is HostKind.BARE:
            yield entry.finding(
                host.at,
                f"the host {host.pattern.text!r} stands for every name",
                "name the hosts, or a wildcard below a domain such as *.example.com",
                host.pattern,
            )
