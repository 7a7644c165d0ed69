"""Find empty lists that mean everything.

What it does: reports lists without items where an engine takes the missing items for any:
`toFQDNs: []` next to ports, `rules: {dns: []}`, `to: []`, `ports: []`, `nets: []`.
Why is this bad? It reads as nothing and opens everything, as when a template is given no values.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toFQDNs: []
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - {}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.correction import corrected
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "empty-list-opens"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every empty list that opens."""
    for policy in context.policies:
        for rule in policy.rules:
            for each in context.api_of(policy).empty_lists(rule, context.release):
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=each.at,
                    message=each.message,
                    help=each.help,
                    fix=corrected(policy.manifest, each.edit) if each.edit else None,
                )
