"""Say in time what will expire.

What it does: reports rules and modes whose date lies within the platform's `expiresSoonDays`.
Why is this bad? It is not, but after that day nothing can be published for the team.
Bad:
    {name: trial, reason: try a vendor, expires: SOON, to: [api.example.com]}
Good:
    {name: trial, reason: try a vendor, expires: 2999-12-31, to: [api.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.ends import End
from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.mode_ends import mode_ends

ID = "expires-soon"
LEVEL = Level.WARNING

_MODE_HELP = "look at what audit still reports, then enforce before that day"


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every end from the review's instant to the end of the period."""
    for entry in review.entries():
        expires = entry.rule.expires
        if expires is not None and _soon(expires, review):
            yield entry.finding(
                expires.at,
                f"{entry.rule.name!r} expires {expires.when}",
                "remove the entry before that day, or agree on a new date",
            )
    yield from mode_ends(review, lambda end: _soon(end, review), "ends", _MODE_HELP)


def _soon(end: End, review: GuardrailContext) -> bool:
    return review.organisation.platform.guardrails.soon(end, review.as_of)
