"""Ask for a ticket where a rule has an address range.

What it does: where the platform's `requireTicketFor` names `cidr`, reports address ranges in rules
without `ticket`. Known networks of the platform's `networks`, ranges inside them, and those of a
vetted bundle need none.
Why is this bad? Addresses say nothing about who answers there; a year later nobody knows who
agreed.
Bad:
    {name: settlement, reason: nightly file, to: [{cidr: 198.51.100.16/28}]}
Good:
    {name: settlement, reason: nightly file, ticket: SEC-1, to: [{cidr: 198.51.100.16/28}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "cidr-needs-ticket"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every address range of a rule without a ticket, where the platform requires one."""
    if "cidr" not in review.organisation.platform.guardrails.require_ticket_for:
        return
    for entry in review.entries():
        if entry.rule.ticket:
            continue
        for each in review.strangers(entry):
            if each.bundle:
                continue
            yield entry.finding(
                each.at,
                f"the address range {each.cidr} has no ticket",
                "add ticket: with the approval that allowed it",
                each.cidr,
            )
