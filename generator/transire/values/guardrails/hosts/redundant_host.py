"""Find hosts that a wildcard of the same rule already covers.

What it does: reports a host where another of the same rule, on the same ports, matches all of its
names.
Why is this bad? Removing it looks like taking access away, and takes nothing.
Bad:
    {name: code, reason: fetch plugins, ticket: SEC-1, to: ["*.example.com", api.example.com]}
Good:
    {name: code, reason: fetch plugins, ticket: SEC-1, to: ["*.example.com", example.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.host_sets import covers
from transire.model.guardrail import Finding
from transire.model.names import HostKind
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "redundant-host"
LEVEL = Level.WARNING


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host with a wildcard beside it that covers it."""
    for entry in review.entries():
        for part in entry.rule.parts:
            wild = [each for each in part.hosts if each.pattern.kind is not HostKind.EXACT]
            for host in part.hosts:
                for other in wild:
                    if other.pattern != host.pattern and covers(other.pattern, host.pattern):
                        yield entry.finding(
                            host.at,
                            f"{host.pattern.shown} is already covered by {other.pattern.shown}",
                            "remove one of the two",
                            host.pattern,
                        )
                        break
