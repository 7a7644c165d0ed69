"""Find egress that a policy's types leave out.

What it does: reports policies that write egress rules, or an empty list of them, and whose types
are not about egress; and a NetworkPolicy that has neither types nor rules.
Why is this bad? The rules are not enforced and nothing is denied. Cilium enforces them in a
NetworkPolicy all the same, so the object means one thing here and another there.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Ingress]
      egress:
      - to: [{ipBlock: {cidr: 198.51.100.7/32}}]
        ports: [{port: 443}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Ingress, Egress]
      egress:
      - to: [{ipBlock: {cidr: 198.51.100.7/32}}]
        ports: [{port: 443}]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from transire.k8s.correction import corrected
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "egress-not-in-types"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that has something of egress and does not govern it."""
    for api, manifest, tree in context.objects():
        gap = api.egress_gap(manifest, tree)
        if gap:
            yield RuleMatch(
                manifest=manifest,
                path=gap.at,
                message=gap.message,
                help=f"add Egress to {gap.field}",
                level=Level.WARNING if gap.weak else None,
                fix=corrected(manifest, partial(_add, field=gap.field)),
            )


def _add(body: dict[str, Any], field: str) -> None:
    spec = body["spec"]
    spec[field] = [*(spec.get(field) or ["Ingress"]), "Egress"]
