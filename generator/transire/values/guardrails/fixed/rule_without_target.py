"""Refuse a rule that holds nowhere.

What it does: reports a rule whose `environments`, `clusters` and `namespaces` leave no target of
its team, or no cluster where it is one for everyone. The level cannot be changed, and no exception
can be granted.
Why is this bad? Nothing is generated of it: whoever reads the file believes that the workload may
reach something, and it may not. It comes to life unseen with the next target that fits.
Bad:
    {name: cards, reason: charge, to: [api.example.com], environments: [prod], clusters: [test]}
Good:
    {name: cards, reason: charge, to: [api.example.com], environments: [prod]}
"""

from __future__ import annotations

from collections.abc import Sequence

from transire.model.problems import Level, Position
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
