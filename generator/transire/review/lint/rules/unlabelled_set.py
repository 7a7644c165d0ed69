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

from transire.model.problems import Level
from transire.review.lint.finding import Found
from transire.review.lint.read_calico import SETS
from transire.review.lint.review import CALICO, Review
from transire.review.lint.trees import inner
from transire.review.lint.view import Family

ID = "unlabelled-set"
LEVEL = Level.WARNING
ENGINES = CALICO
EXAMPLE = "calico@3.30"


def check(review: Review) -> Iterator[Found]:
    """Every set without a label."""
    for manifest, tree in review.of_family(Family.CALICO):
        if manifest.ref.kind in SETS and not inner(tree, "metadata", "labels"):
            yield Found(
                manifest=manifest,
                path="/metadata",
                message="the set has no labels, and rules find sets by labels only",
                help="add a label that the rule's destination.selector asks for",
            )
