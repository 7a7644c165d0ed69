"""Find two objects with one name.

What it does: reports an object whose kind, namespace and name an earlier one of the input has.
Why is this bad? The cluster holds one object of a name: the one that is applied later replaces the
other, and what that one was to deny is open.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Egress]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Ingress]}
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Egress]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: bank}
    spec: {podSelector: {}, policyTypes: [Ingress]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import ObjectRef
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "given-twice"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every object that replaces another."""
    seen: set[tuple[str, ObjectRef]] = set()
    for manifest in context.manifests:
        identity = group_of(manifest), manifest.ref
        if identity in seen and manifest.ref.name:
            yield RuleMatch(
                manifest=manifest,
                path="/metadata/name",
                message=f"an earlier object of the input is {manifest.ref}, too, and one of them "
                "replaces the other",
                help="give each its own name, or remove one",
            )
        seen.add(identity)
