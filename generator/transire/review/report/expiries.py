"""Everything that has an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from transire.model.ends import End
from transire.review.report.facts import Report


class Ends(StrEnum):
    """What it is that ends."""

    RULE = "rule"
    MODE = "mode"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One entry with its end; `team` is empty for the platform's own.

    `entry` is the rule's name, or the namespace. `cluster` is empty unless it is about one.
    `days` counts to its last day. `soon` is true where that lies within the period of the guardrail
    `expires-soon`, and `past` where it has ended; of rules and modes none has, since nothing is
    reported then.
    """

    what: Ends
    team: str
    entry: str
    cluster: str
    until: End
    days: int
    soon: bool
    past: bool = False


def endings(report: Report) -> tuple[Ending, ...]:
    """Every end, the first one first."""
    guardrails, as_of = report.organisation.platform.guardrails, report.as_of
    found = [
        Ending(
            what=what,
            team=team,
            entry=entry,
            cluster=cluster,
            until=until,
            days=until.days(as_of),
            soon=guardrails.soon(until, as_of),
            past=until.passed(as_of),
        )
        for what, team, entry, cluster, until in _dated(report)
        if until is not None
    ]
    return tuple(
        sorted(found, key=lambda each: (each.until, each.team, each.entry, each.cluster, each.what))
    )


def _dated(report: Report) -> Iterator[tuple[Ends, str, str, str, End | None]]:
    platform = report.organisation.platform
    for each in report.teams:
        for rule in each.team.rules:
            yield Ends.RULE, each.team.name, rule.name, "", rule.expires
        for published in each.team.publications:
            where = (each.team.name, published.namespace, published.cluster)
            yield Ends.MODE, *where, published.until
    for rule in platform.everyone:
        yield Ends.RULE, "", rule.name, "", rule.expires
    for cluster, name in report.everyone.alone:
        yield Ends.MODE, "", name, cluster.name, platform.until
    for waiver in report.organisation.waivers:
        yield Ends.EXCEPTION, waiver.team, waiver.entry, "", waiver.until
