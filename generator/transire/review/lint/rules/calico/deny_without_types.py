"""Find a Calico policy without `types` that does not deny egress.

What it does: reports policies that name no `types` and have no egress rules, unless they have
ingress rules and say nothing of egress. An empty list of egress rules weighs more than none.
Why is this bad? Without `types` and egress rules a policy is about ingress alone, so a default
deny leaves egress open.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: default-deny, namespace: shop}
    spec: {selector: all(), egress: []}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: default-deny, namespace: shop}
    spec: {selector: all(), types: [Ingress, Egress]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.engines.calico.lint_policies import ENFORCED, STAGED, is_calico
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import inner, items
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "deny-without-types"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that is taken for one about ingress."""
    for manifest, tree in context.objects_where(is_calico):
        spec = inner(tree, "spec")
        if manifest.ref.kind not in (*ENFORCED, *STAGED) or spec.get("stagedAction") == "Delete":
            continue
        silent = not items(spec, "ingress") or "egress" in spec
        if silent and not items(spec, "types") and not items(spec, "egress"):
            what = "an empty list of egress rules" if "egress" in spec else "no egress rules"
            yield RuleMatch(
                manifest=manifest,
                path="/spec",
                message=f"the policy has no types and {what}, so it is about ingress alone and "
                "denies no egress",
                help="write types: [Ingress, Egress], or the one that is meant",
                level=None if "egress" in spec else Level.WARNING,
                fix=corrected(manifest, _both),
            )


def _both(body: dict[str, Any]) -> None:
    body["spec"]["types"] = ["Ingress", "Egress"]
