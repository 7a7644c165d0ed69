"""Ask why.

What it does: reports rules whose `reason` is missing or has no letter in it.
Why is this bad? A reviewer cannot decide, and a year later nobody dares to remove the entry.
Bad:
    {name: api, reason: "-", to: [api.example.com]}
Good:
    {name: api, reason: charge cards, to: [api.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext, place

ID = "missing-reason"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every rule without a word in its reason."""
    for entry in review.entries():
        if not any(letter.isalpha() for letter in entry.rule.reason):
            yield entry.finding(
                place(entry.rule, "reason"),
                f"{entry.rule.name!r} has no reason",
                "add reason: with what the workload does there",
            )
