"""Say that a rule has ports and no destination.

What it does: names rules that list ports alone.
Why is this bad? Such a rule opens the ports to everything: pods, nodes and the internet. For port
53 that is a way out for data, since any resolver may be asked.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
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
from transire.review.lint.wording import ports

ID = "ports-to-anywhere"
LEVEL = Level.NOTE
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every rule with ports alone."""
    for policy in context.policies:
        for rule in policy.allows:
            if rule.anywhere and not rule.every_port:
                limit = f", for {rule.content} alone" if rule.content else ""
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=rule.at,
                    message=f"the rule names no destination, so it opens {ports(rule)} to "
                    f"everything: pods, nodes and the internet{limit}",
                    help="name the destination in the same rule",
                )
