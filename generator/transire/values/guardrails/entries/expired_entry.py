"""Stop where an entry's date has passed.

What it does: reports rules after `expires` and namespaces after the `until` of their mode. A day
holds to its end in UTC, a time holds up to that time. Nothing is written for that team until a
person edits the file. The same goes for the platform's default mode where a namespace of `enrol`
follows it.
Why is this bad? A date that passes unseen is an exception for ever; and a date that silently
changed what is rendered would be an outage that nobody merged.
Bad:
    {name: trial, reason: try a vendor, expires: 2020-01-31, to: [api.example.com]}
Good:
    {name: trial, reason: try a vendor, expires: 2999-12-31, to: [api.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.mode_ends import mode_ends

ID = "expired-entry"
LEVEL = Level.ERROR

_MODE_HELP = "set the mode that holds from now on, or agree on a new date for until"


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every rule and namespace that is past its end."""
    for entry in review.entries():
        expires = entry.rule.expires
        if expires is not None and expires.passed(review.as_of):
            yield entry.finding(
                expires.at,
                f"{entry.rule.name!r} expired {expires.when}",
                "remove the entry, or agree on a new date and write it in expires",
            )
    yield from mode_ends(review, lambda end: end.passed(review.as_of), "ended", _MODE_HELP)
