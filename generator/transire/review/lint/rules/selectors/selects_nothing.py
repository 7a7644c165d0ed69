"""Find selectors that nothing can ever fit.

What it does: reports policies and destinations whose selector contradicts itself, or asks for a
label that Kubernetes does not let anybody set.
Why is this bad? The policy governs no pod, so what it was to deny is open; the destination is never
reached.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      podSelector:
        matchLabels: {app: web}
        matchExpressions: [{key: app, operator: NotIn, values: [web]}]
      policyTypes: [Egress]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      podSelector:
        matchLabels: {app: web}
        matchExpressions: [{key: track, operator: NotIn, values: [canary]}]
      policyTypes: [Egress]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "selects-nothing"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every selector without a pod that could fit."""
    for policy in context.policies:
        if not policy.subject and not policy.others:
            yield RuleMatch(
                manifest=policy.manifest,
                path=policy.subject_at,
                message="no pod that could exist fits the selector, so the policy governs nothing",
                help="remove the contradiction, or the labels that no pod may carry",
            )
        for rule in policy.rules:
            for peer in rule.pods:
                if not peer.possible:
                    yield RuleMatch(
                        manifest=policy.manifest,
                        path=peer.at,
                        message="nothing that could exist fits the selector, so the destination is "
                        "never matched",
                        help="remove the contradiction, or the labels that nobody may set",
                    )
