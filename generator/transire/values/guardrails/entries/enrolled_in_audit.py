"""Stop a team that takes an enrolled namespace out of enforcement.

What it does: reports a namespace that the platform enrols in mode enforce and that a team publishes
in mode audit. An exception for the namespace is the platform's word that it may.
Why is this bad? Audit blocks nothing: the platform closed the namespace for everything that nobody
allows, and one line in a team's file would open it.
Bad:
    # values/teams/books.yaml, where values/platform.yaml has enrol: [till]
    namespaces: {till: {clusters: [eu], mode: audit}}
Good:
    # values/teams/books.yaml, where values/platform.yaml has enrol: [till]
    namespaces: {till: [eu]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.intent import Mode
from transire.model.problems import Level
from transire.model.waiver import ClusterName
from transire.values.guardrails.context import GuardrailContext

ID = "enrolled-in-audit"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every namespace that is enforced without the team, and in audit with it."""
    platform = review.organisation.platform
    if platform.mode is not Mode.ENFORCE:
        return
    for team in review.teams():
        for each in team.publications:
            if each.mode is Mode.AUDIT and each.namespace in platform.enrol:
                yield Finding(
                    team=team.name,
                    entry=each.namespace,
                    at=each.at,
                    message=f"namespace {each.namespace!r} is enrolled in mode enforce, and would "
                    f"be in audit on {each.cluster}",
                    help="publish it with mode: enforce, or have the platform team approve an "
                    "exception for the namespace",
                    about=(ClusterName(each.cluster),),
                )
