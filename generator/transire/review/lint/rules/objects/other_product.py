"""Find policies of a product that does not run here.

What it does: reports kinds that the named engine does not read, such as a Calico policy on Cilium.
Why is this bad? Nobody enforces the object, so what it was to deny is open.
Bad:
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata: {name: deny}
    spec: {selector: all(), types: [Egress]}
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {endpointSelector: {}, egress: [{}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.api_kinds import group_of
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.foreign_kinds import foreign_to

ID = "other-product"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that the engine does not read."""
    for manifest in context.manifests:
        if foreign_to(context.release, manifest):
            yield RuleMatch(
                manifest=manifest,
                path="/kind",
                message=f"{context.release.engine} does not read {manifest.ref.kind} of "
                f"{group_of(manifest)}, so nobody enforces the object",
                help=f"write it as a kind that {context.release.engine} enforces, or remove it",
            )
