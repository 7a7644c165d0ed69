"""Find keys that stand twice in one mapping.

What it does: reports each key of an object that is written a second time.
Why is this bad? Clients that validate strictly, as kubectl does unless told otherwise, refuse the
object. Everywhere else the last one counts, and what stands behind the first is nowhere.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {matchLabels: {app: web}}}]
      egress:
      - to: [{podSelector: {matchLabels: {app: ledger}}}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {matchLabels: {app: web}}}]
      - to: [{podSelector: {matchLabels: {app: ledger}}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.json_pointer import steps
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "key-twice"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every key that is there before."""
    for manifest in context.manifests:
        for path in manifest.repeated:
            yield RuleMatch(
                manifest=manifest,
                path=path,
                message=f"the key {clipped(steps(path)[-1])} stands twice: strict clients such as "
                "kubectl refuse the object, and elsewhere the last one counts and the first is "
                "lost",
                help="write it once, with all that is meant",
            )
