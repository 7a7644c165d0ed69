"""Refuse a rule that holds nowhere.

What it does: reports a rule whose `environments`, `clusters` and `namespaces` leave no target of
its team, or no cluster where it is one for everyone, and a rule for everyone with a namespace that
is enrolled nowhere where the rule holds. The level cannot be changed, and no exception
can be granted.
Why is this bad? Nothing is generated of it: whoever reads the file believes that the workload may
reach something, and it may not. It comes to life unseen with the next target that fits.
Bad:
    {name: cards, reason: charge, to: [api.example.com], environments: [prod], clusters: [test]}
Good:
    {name: cards, reason: charge, to: [api.example.com], environments: [prod]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.model.intent import Organisation, Rule
from transire.model.problems import Level, Position, Problem
from transire.values.mapping_reader import Fields
from transire.values.problem_collector import Misfit, ProblemCollector, one_of, shown
from transire.yamlio import ScalarNode

ID = "rule-without-target"
LEVEL = Level.ERROR


def refusal(
    fields: Fields, at: Position, limits: Sequence[str], collector: ProblemCollector
) -> Misfit:
    """What to raise for a rule that these limits keep from every target."""
    called = fields.entry("name")
    name = called.value.text if called and isinstance(called.value, ScalarNode) else ""
    return collector.refuse(
        at,
        ID,
        f"{shown(name)} holds in no target: nothing fits its {one_of(list(limits), 'and')}",
        "remove the rule, or correct the limits so that they name a target together",
    )


def nowhere(organisation: Organisation) -> Iterator[Problem]:
    """The namespaces of rules for everyone that are enrolled on no cluster where the rule holds."""
    for rule in organisation.platform.everyone:
        for namespace in sorted(rule.namespaces or ()):
            if not _is_enrolled(organisation, rule, namespace):
                yield Problem(
                    at=rule.at_key("namespaces"),
                    id=ID,
                    message=f"{shown(rule.name)} holds in no target of {shown(namespace)}: where "
                    "the rule holds, no team publishes there, and enrol does not name it",
                    help=f"take {namespace} out of namespaces, or correct it",
                )


def _is_enrolled(organisation: Organisation, rule: Rule, namespace: str) -> bool:
    platform = organisation.platform
    clusters = {each.name for each in platform.clusters if rule.holds_in(each.place(namespace))}
    if not clusters:
        return False
    return namespace in platform.enrol or any(
        each.namespace == namespace and each.cluster in clusters
        for team in organisation.teams
        for each in team.publications
    )
