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
from datetime import date

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "expires-soon"
LEVEL = Level.WARNING

_MODE_HELP = "look at what audit still reports, then enforce before that day"


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every date from the review's day to the end of the period."""
    for entry in review.entries():
        if _soon(entry.rule.expires, review):
            yield entry.finding(
                entry.rule.at,
                f"{entry.rule.name!r} expires on {entry.rule.expires}",
                "remove the entry before that day, or agree on a new date",
            )
    for team in review.teams():
        for each in team.publications:
            if _soon(each.until, review):
                yield Finding(
                    team=team.name,
                    entry=each.namespace,
                    at=each.at,
                    message=f"mode {each.mode} of namespace {each.namespace!r} on {each.cluster} "
                    f"ends on {each.until}",
                    help=_MODE_HELP,
                )
    platform = review.organisation.platform
    if _soon(platform.until, review):
        for namespace in review.enrolled():
            yield Finding(
                team="",
                entry=namespace,
                at=platform.mode_at,
                message=f"mode {platform.mode} of the enrolled namespace {namespace!r} ends on "
                f"{platform.until}",
                help=_MODE_HELP,
            )


def _soon(day: date | None, review: GuardrailContext) -> bool:
    guardrails = review.organisation.platform.guardrails
    return day is not None and guardrails.soon(day, review.as_of)
