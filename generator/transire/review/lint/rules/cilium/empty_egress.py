"""Find `egress: []` in a Cilium policy.

What it does: reports an empty list of egress rules, and a null in place of one.
Why is this bad? In a NetworkPolicy it denies everything; in Cilium up to 1.17 it does nothing, and
since 1.18 the agent refuses a policy that has nothing else. `egress: [{}]` denies.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {endpointSelector: {}, egress: []}
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {endpointSelector: {}, egress: [{}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.engines.cilium.lint_policies import is_policy, specs_of
from transire.k8s.correction import Correction, corrected
from transire.k8s.json_pointer import find, is_empty_list, is_null
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium

ID = "empty-egress"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.17"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every empty list of egress rules."""
    for manifest, tree in context.objects_where(is_policy):
        for at, spec in specs_of(manifest, tree):
            for key in ("egress", "egressDeny"):
                null = is_null(spec, key)
                if null or is_empty_list(spec, key):
                    yield RuleMatch(
                        manifest=manifest,
                        path=f"{at}/{key}",
                        message=f"{key} is {'null' if null else 'empty'}, and Cilium then denies "
                        "nothing",
                        level=Level.WARNING if null else None,
                        help=_HELP[key],
                        fix=_fix(manifest, at) if key == "egress" else None,
                    )


def _fix(manifest: Manifest, at: str) -> Correction | None:
    def deny(body: dict[str, Any]) -> None:
        find(body, at)["egress"] = [{}]

    return corrected(manifest, deny)


_HELP = {
    "egress": "write egress: [{}] to deny what nothing allows, or leave egress out",
    "egressDeny": "name what to deny, or leave egressDeny out",
}
