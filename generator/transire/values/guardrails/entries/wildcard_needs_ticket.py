"""Ask for a ticket where a rule has a wildcard.

What it does: where the platform's `requireTicketFor` names `wildcard`, reports wildcards in rules
without `ticket`; hosts of a vetted bundle need none.
Why is this bad? A wildcard opens names that do not exist yet; a year later nobody knows who agreed.
Bad:
    {name: storage, reason: keep receipts, to: ["*.storage.example.net"]}
Good:
    {name: storage, reason: keep receipts, ticket: SEC-1, to: ["*.storage.example.net"]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.names import HostKind
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "wildcard-needs-ticket"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every wildcard of a rule without a ticket, where the platform requires one."""
    if "wildcard" not in review.organisation.platform.guardrails.require_ticket_for:
        return
    for entry in review.entries():
        if entry.rule.ticket:
            continue
        for host in entry.rule.hosts:
            if host.pattern.kind is not HostKind.EXACT and not host.bundle:
                yield entry.finding(
                    host.at,
                    f"the wildcard {host.pattern.shown} has no ticket",
                    "add ticket: with the approval that allowed it",
                    host.pattern,
                )
