"""Find namespaces selected by a label that they rarely have.

What it does: reports selectors of namespaces that ask for the label `name`, unless a given
namespace, or one of the cluster file, has it.
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

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "guessed-namespace-label"
LEVEL = Level.WARNING
APPLIES = every_engine
EXAMPLE = "kubernetes"
_LABEL = "name"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every selector of namespaces by `name`."""
    if any(_LABEL in labels for labels in context.namespaces.values()):
        return
    for policy in context.policies:
        for rule in policy.rules:
            for each in context.api_of(policy).namespaces_by(rule, _LABEL):
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=each.at,
                    message=f"namespaces have no label {_LABEL} unless somebody set it",
                    help=f"choose them by {each.sure_label}, which holds the name of each",
                )
