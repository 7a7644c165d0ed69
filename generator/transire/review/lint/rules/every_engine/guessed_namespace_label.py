"""Find namespaces selected by a label that they rarely have.

What it does: reports selectors of namespaces that ask for the label `name`.
Why is this bad? Kubernetes gives every namespace the label `kubernetes.io/metadata.name`; `name` is
there only where somebody set it, so the rule usually matches nothing.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{namespaceSelector: {matchLabels: {name: kube-system}}}]
        ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
        ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from transire.engines.api.policy_view import Family, Policy, Rule
from transire.engines.api.selector_sets import demands
from transire.engines.cilium.lint_selectors import NAMESPACE_LABELS, cilium_demands
from transire.flows.pod_set import NAMESPACE_NAME_LABEL
from transire.k8s.json_pointer import corrected, find, inner, maps, text
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch

ID = "guessed-namespace-label"
LEVEL = Level.WARNING
ENGINES = EVERY
EXAMPLE = "kubernetes"
_NAME = "name"
_IN_CALICO = re.compile(r"(?<![A-Za-z0-9_./-])name[ \t]*(?:==|in[ \t]*\{)")


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every selector of namespaces by `name`."""
    for policy in review.policies:
        for rule in policy.rules:
            match policy.family:
                case Family.KUBERNETES:
                    yield from _kubernetes(policy, rule)
                case Family.CALICO:
                    yield from _calico(policy, rule)
                case Family.CILIUM:
                    yield from _cilium(policy, rule)


def _kubernetes(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    for at, each in maps(rule.tree, "to", rule.at):
        here = f"{at}/namespaceSelector"
        if any(demand.key == _NAME for demand in demands(inner(each, "namespaceSelector"))):
            yield _found(policy, here, NAMESPACE_NAME_LABEL, _fix(policy, here))


def _calico(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    if _IN_CALICO.search(text(inner(rule.tree, "destination"), "namespaceSelector")):
        at = f"{rule.at}/destination/namespaceSelector"
        yield _found(policy, at, "projectcalico.org/name", "")


def _cilium(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    for at, each in maps(rule.tree, "toEndpoints", rule.at):
        if any(demand.key == f"{NAMESPACE_LABELS}{_NAME}" for demand in cilium_demands(each)):
            yield _found(policy, at, "k8s:io.kubernetes.pod.namespace", "")


def _found(policy: Policy, at: str, wanted: str, fix: str) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=at,
        message="namespaces have no label name unless somebody set it",
        help=f"ask for {wanted}, which every namespace has",
        fix=fix,
    )


def _fix(policy: Policy, at: str) -> str:
    def rename(body: dict[str, Any]) -> None:
        labels = find(body, at)["matchLabels"]
        labels[NAMESPACE_NAME_LABEL] = labels.pop(_NAME)

    return corrected(policy.manifest, rename)
