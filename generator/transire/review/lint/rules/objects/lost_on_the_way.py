"""Find what was applied and is not in the stored object.

What it does: compares an object that was read from a cluster with its annotation
`last-applied-configuration`, which holds what `kubectl apply` was given.
Why is this bad? The API server dropped the field when the object was stored, because it does not
know it or its value was null, and nobody was told. What is left often opens more.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: payments
      namespace: shop
      annotations:
        kubectl.kubernetes.io/last-applied-configuration: >-
          {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
          "metadata":{"name":"payments","namespace":"shop"},
          "spec":{"podSelector":{},"policyTypes":["Egress"],
          "egress":[{"to":[{"podSelector":{}}],"port":[{"port":443}]}]}}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {}}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {}}]
        ports: [{port: 443}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire.k8s.json_pointer import find, steps
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.after_pruning import left_after
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.last_applied import applied
from transire.review.lint.wording import clipped

ID = "lost-on-the-way"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every field that was applied and is gone."""
    for _, manifest, _ in context.objects():
        given = applied(manifest)
        for path in context.lost[manifest.index]:
            yield _found(context, manifest, given, path)


def _found(
    context: LintContext, manifest: Manifest, given: Mapping[str, object], path: str
) -> RuleMatch:
    name = clipped(steps(path)[-1])
    null = " as null" if find(given, path) is None else ""
    return RuleMatch(
        manifest=manifest,
        path=path,
        message=f"{name} was applied{null} and the stored object lacks it, since the API server "
        f"dropped it; {left_after(context, manifest, path)}",
        help="correct what was applied, and apply it again",
    )
