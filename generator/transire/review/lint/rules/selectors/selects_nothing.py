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

from transire.engines.api.policy_shape import Policy
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "selects-nothing"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


_SUBJECT = (
    "no pod that could exist fits the selector, so the policy governs nothing",
    "remove the contradiction, or the labels that no pod may carry",
)
_PEER = (
    "nothing that could exist fits the selector, so the destination is never matched",
    "remove the contradiction, or the labels that nobody may set",
)
_ASSUMED = (
    "nothing fits the selector unless the object goes into the namespace that the selector names",
    "add metadata.namespace, so that it goes where it is meant",
)


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every selector without a pod that could fit, in whichever namespace the object ends up."""
    for policy in context.policies:
        here = _possible(policy)
        if all(here.values()):
            continue
        assumed = policy.namespace and not policy.ref.namespace
        named = context.api_of(policy).labels_name_namespaces
        anywhere = _anywhere(context, policy) if assumed and named else policy
        possible = _possible(anywhere)
        for at, fits in here.items():
            if not fits:
                message, remedy = _PEER if at != policy.subject_at else _SUBJECT
                elsewhere = possible.get(at, False)
                if elsewhere:
                    message, remedy = _ASSUMED
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=at,
                    message=message,
                    help=remedy,
                    level=Level.WARNING if elsewhere else None,
                )


def _possible(policy: Policy) -> dict[str, bool]:
    """The selectors of a policy by their places, and whether something could fit them."""
    peers = {peer.at: peer.possible for rule in policy.rules for peer in rule.pods}
    return {policy.subject_at: bool(policy.subject) or policy.others, **peers}


def _anywhere(context: LintContext, policy: Policy) -> Policy:
    """The policy as it would be without a namespace of its own, since nobody named one."""
    manifest = policy.manifest
    tree = context.trees[manifest.index]
    found = context.api_of(policy).policies(manifest, tree, "", context.release, in_force=False)
    return next((each for each in found if each.at == policy.at), policy)
