"""Bound how much one team asks for.

What it does: reports a team that names more hosts than the platform's `maxHostsPerTeam`, hosts of
bundles included.
Why is this bad? Nobody reviews a list of a thousand hosts, and engines keep each name in memory on
every node.
Bad:
    {name: many, reason: all of them, to: [HOSTS]}
Good:
    {name: few, reason: charge cards, to: [api.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.model.waiver import HostCount
from transire.values.guardrails.context import GuardrailContext

ID = "too-many-hosts"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every team over the number, counting each host once."""
    most = review.organisation.platform.guardrails.max_hosts_per_team
    for team in review.teams():
        count = len({host.pattern for rule in team.rules for host in rule.hosts})
        if count > most:
            yield Finding(
                team=team.name,
                entry=team.name,
                at=team.at,
                message=f"team {team.name!r} names {count} hosts, the platform allows {most}",
                help="remove the hosts that nobody uses any more, or split the team",
                about=(HostCount(count),),
            )
