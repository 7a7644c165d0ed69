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
    for team in review.teams():
        for each in team.publications:
            if each.until is not None and _soon(each.until, review):
                yield Finding(
                    team=team.name,
                    entry=each.namespace,
                    at=each.until.at,
                    message=f"mode {each.mode} of namespace {each.namespace!r} on {each.cluster} "
                    f"ends {each.until.when}",
                    help=_MODE_HELP,
                )
    platform = review.organisation.platform
    if platform.until is not None and _soon(platform.until, review):
        for namespace in review.enrolled():
            yield Finding(
                team="",
                entry=namespace,
                at=platform.until.at,
                message=f"mode {platform.mode} of the enrolled namespace {namespace!r} ends "
                f"{platform.until.when}",
                help=_MODE_HELP,
            )


def _soon(end: End, review: GuardrailContext) -> bool:
    return review.organisation.platform.guardrails.soon(end, review.as_of)
