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
from typing import Any

from transire.engines.api.policy_view import Family
from transire.engines.calico.lint_view import ENFORCED, STAGED
from transire.k8s.json_pointer import corrected, inner, items
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch

ID = "egress-not-in-types"
LEVEL = Level.ERROR
ENGINES = EVERY
EXAMPLE = "kubernetes"


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every policy that says something of egress and is not about it."""
    for manifest, tree in review.of_family(Family.KUBERNETES):
        yield from _kubernetes(review, manifest, inner(tree, "spec"))
    for manifest, tree in review.of_family(Family.CALICO):
        spec = inner(tree, "spec")
        types = items(spec, "types")
        enforced = manifest.ref.kind in (*ENFORCED, *STAGED)
        if enforced and types and "Egress" not in types and items(spec, "egress"):
            yield RuleMatch(
                manifest=manifest,
                path="/spec/types",
                message="types do not name Egress, so the egress rules are ignored and nothing is "
                "denied",
                help="add Egress to types",
                fix=_fix(manifest, "types"),
            )


def _kubernetes(review: LintContext, manifest: Manifest, spec: Tree) -> Iterator[RuleMatch]:
    types, rules = items(spec, "policyTypes"), items(spec, "egress")
    if "Egress" in types or (rules and not types):
        return
    cilium = review.release.engine == "cilium"
    if rules:
        who = (
            "Cilium enforces the egress rules and no other engine does"
            if cilium
            else "the egress rules are ignored and nothing is denied"
        )
        message, level = f"policyTypes does not name Egress: {who}", Level.ERROR
    elif "egress" in spec:
        message = "egress is empty and policyTypes does not name Egress, so nothing is denied"
        level = Level.ERROR
    elif not types and not items(spec, "ingress"):
        message = "the policy has neither policyTypes nor rules, so it denies ingress alone"
        level = Level.WARNING
    else:
        return
    yield RuleMatch(
        manifest=manifest,
        path="/spec/policyTypes" if types else "/spec",
        message=message,
        help="add Egress to policyTypes",
        level=Level.WARNING if cilium and rules else level,
        fix=_fix(manifest, "policyTypes"),
    )


def _fix(manifest: Manifest, key: str) -> str:
    def add(body: dict[str, Any]) -> None:
        spec = body["spec"]
        spec[key] = [*(spec.get(key) or ["Ingress"]), "Egress"]

    return corrected(manifest, add)
