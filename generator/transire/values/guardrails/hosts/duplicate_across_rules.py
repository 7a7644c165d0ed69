"""Find a host that two rules of a team give to the same pods.

What it does: reports a host that another rule of the same team names for the same pods, in an
environment and on a port that both have.
Why is this bad? Whoever removes one believes the access is gone.
Bad:
    {name: api, reason: charge cards, to: [api.example.com, api.example.com.]}
    {name: api-again, reason: charge cards too, to: [api.example.com]}
Good:
    {name: api, reason: charge cards, to: [api.example.com]}
    {name: files, reason: keep receipts, to: [files.example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.intent import Rule
from transire.model.problems import Level
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "duplicate-across-rules"
LEVEL = Level.WARNING


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host of a rule that an earlier rule of the team has too."""
    for team in review.teams():
        seen: dict[tuple[str, object], list[Rule]] = {}
        for rule in (part for each in team.rules for part in each.parts):
            for host in rule.hosts:
                earlier = seen.setdefault((host.pattern.text, rule.sources), [])
                twin = next((each for each in earlier if _together(each, rule)), None)
                if twin is not None:
                    yield Entry(team=team.name, rule=rule).finding(
                        host.at,
                        f"{host.pattern.shown} is also in {twin.name!r}",
                        "keep it in one of the two rules",
                        host.pattern,
                    )
                if rule not in earlier:
                    earlier.append(rule)


def _together(one: Rule, other: Rule) -> bool:
    if one.name == other.name:
        return False
    return one.meets(other) and any(
        mine.protocol is theirs.protocol and mine.first <= theirs.last and theirs.first <= mine.last
        for mine in one.ports
        for theirs in other.ports
    )
