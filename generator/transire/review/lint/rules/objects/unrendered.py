"""Find documents that something has to fill in before they are applied.

What it does: reports braces of Helm and Jinja, variables of Flux, `envsubst` and Kustomize,
comments of ytt, and marks such as `<NAMESPACE>`, once for each document of a policy or of what it
refers to. Annotations and descriptions may hold anything.
Why is this bad? The cluster gets something else, so a finding about the placeholder as if it were
text is false, and that there is none means nothing. Whatever else is in the document is not looked
at.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: ["${partner_range}"]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.0/24]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.placeholders import UNRENDERED
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = UNRENDERED
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every document with a placeholder."""
    for each in context.facts.unrendered:
        yield RuleMatch(
            manifest=each.manifest,
            path=each.placeholder.path,
            message=each.message,
            help=each.help,
        )
