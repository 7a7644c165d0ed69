"""Find a default deny that is asked for and never turned on.

What it does: reports `enableDefaultDeny: {egress: true}` in a Cilium policy without egress rules,
and the same for ingress.
Why is this bad? The field only says what rules of that direction bring with them; without such
rules nothing is denied.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      endpointSelector: {}
      enableDefaultDeny: {egress: true}
      ingress: [{}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      endpointSelector: {}
      enableDefaultDeny: {egress: true}
      ingress: [{}]
      egress: [{}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.lint_policies import is_policy, specs_of
from transire.k8s.json_pointer import inner, items
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium

ID = "default-deny-unused"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every direction that is to be denied and has no rules."""
    for manifest, tree in context.objects_where(is_policy):
        for at, spec in specs_of(manifest, tree):
            for way in ("egress", "ingress"):
                wanted = inner(spec, "enableDefaultDeny").get(way) is True
                if wanted and not items(spec, way) and not items(spec, f"{way}Deny"):
                    yield RuleMatch(
                        manifest=manifest,
                        path=f"{at}/enableDefaultDeny/{way}",
                        message=f"the policy has no {way} rules, so no {way} is denied",
                        help=f"write {way}: [{{}}] to deny what nothing allows",
                    )
