"""Say that a policy does not name its namespace.

What it does: names namespaced policies without `metadata.namespace`.
Why is this bad? The policy goes wherever whoever applies it happens to be, and selectors without a
namespace mean that place.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny}
    spec: {podSelector: {}, policyTypes: [Egress]}
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Egress]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "namespace-not-given"
LEVEL = Level.NOTE
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every namespaced policy that could end up anywhere."""
    seen: set[int] = set()
    for policy in context.policies:
        index = policy.manifest.index
        if policy.namespace and not policy.ref.namespace and index not in seen:
            seen.add(index)
            yield RuleMatch(
                manifest=policy.manifest,
                path="/metadata",
                message="the object names no namespace, so it goes to whichever is current when it "
                "is applied",
                help="add metadata.namespace",
            )
