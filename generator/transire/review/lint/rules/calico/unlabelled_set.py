"""Find Calico sets that no rule can name.

What it does: reports a NetworkSet or GlobalNetworkSet without labels.
Why is this bad? Rules find sets by their labels only, so nothing reaches what the set lists.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkSet
    metadata: {name: partners, namespace: shop}
    spec: {nets: [198.51.100.0/28]}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkSet
    metadata: {name: partners, namespace: shop, labels: {egress: partners}}
    spec: {nets: [198.51.100.0/28]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.calico.lint_policies import SETS, is_calico
from transire.k8s.json_pointer import inner
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "unlabelled-set"
LEVEL = Level.WARNING
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every set without a label."""
    for manifest, tree in context.objects_where(is_calico):
        if manifest.ref.kind in SETS and not inner(tree, "metadata", "labels"):
            yield RuleMatch(
                manifest=manifest,
                path="/metadata",
                message="the set has no labels, and rules find sets by labels only",
                help="add a label that the rule's destination.selector asks for",
            )
