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

from transire.engines.api.policy_view import Family, Policy, Rule
from transire.engines.api.selector_sets import Demand
from transire.engines.cilium.lint_selectors import cilium_demands
from transire.k8s.json_pointer import Place, corrected, find, inner, maps, steps
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch

ID = "selectors-apart"
LEVEL = Level.WARNING
ENGINES = EVERY
EXAMPLE = "kubernetes"
_HELP = "write both in one item if such pods of those namespaces are meant"


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every pair of neighbours that reads as one destination."""
    for policy in review.policies:
        for rule in policy.rules:
            if policy.family is Family.KUBERNETES:
                yield from _kubernetes(policy, rule)
            elif policy.family is Family.CILIUM:
                yield from _cilium(policy, rule)


def _kubernetes(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    for pair in pairwise(maps(rule.tree, "to", rule.at)):
        for spaces, pods in (pair, pair[::-1]):
            labels = inner(spaces[1], "namespaceSelector")
            if (
                labels
                and set(spaces[1]) == {"namespaceSelector"}
                and set(pods[1]) == {"podSelector"}
            ):
                yield _found(policy, spaces, pods, "every pod of the namespaces")


def _cilium(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    for pair in pairwise(maps(rule.tree, "toEndpoints", rule.at)):
        for spaces, pods in (pair, pair[::-1]):
            asked, other = cilium_demands(spaces[1]), cilium_demands(pods[1])
            only_spaces = asked and all(each.is_namespace for each in asked)
            if policy.namespace and only_spaces and other and not _reserved(other):
                yield _found(policy, spaces, pods, "every endpoint of the namespaces")


def _reserved(asked: tuple[Demand, ...]) -> bool:
    return any(each.is_namespace or each.source == "reserved" for each in asked)


def _found(policy: Policy, spaces: Place, pods: Place, what: str) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=pods[0],
        message=f"this item means such pods of the policy's own namespace, and {spaces[0]} {what}, "
        "since items of a list mean either",
        help=_HELP,
        fix=corrected(policy.manifest, lambda body: _join(body, spaces[0], pods[0])),
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
