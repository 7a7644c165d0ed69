"""Find pods and their namespace selected by two items.

What it does: reports a `to` list with an item for namespaces alone next to one for pods alone, and
`toEndpoints` written the same way.
Why is this bad? Items of a list mean either: every pod of those namespaces, and such pods of the
own namespace. One item with both means such pods of those namespaces.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bank}}
        - podSelector: {matchLabels: {app: ledger}}
        ports: [{port: 8080}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bank}}
          podSelector: {matchLabels: {app: ledger}}
        ports: [{port: 8080}]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from transire.engines.api.policy_shape import Policy
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, steps
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "selectors-apart"
LEVEL = Level.WARNING
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every pair of neighbours that reads as one destination."""
    for policy in context.policies:
        api = context.api_of(policy)
        for rule in policy.rules:
            for pair in pairwise(api.peer_items(policy, rule)):
                for spaces, pods in (pair, pair[::-1]):
                    if spaces.only_namespaces and pods.only_pods:
                        yield _found(policy, spaces.at, pods.at, api.whole_namespaces)


def _found(policy: Policy, spaces: str, pods: str, what: str) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=pods,
        message=f"this item means such pods of the policy's own namespace, and {spaces} {what}, "
        "since items of a list mean either",
        help="write both in one item if such pods of those namespaces are meant",
        fix=corrected(policy.manifest, lambda body: _join(body, spaces, pods)),
    )


def _join(body: dict[str, Any], spaces: str, pods: str) -> None:
    """One item with both selectors, in place of two."""
    target, source = find(body, spaces), find(body, pods)
    for key, value in source.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            target[key] = {**target[key], **value}
        elif isinstance(value, list):
            target[key] = [*target.get(key, []), *value]
        else:
            target[key] = value
    find(body, pods.rpartition("/")[0]).pop(int(steps(pods)[-1]))
