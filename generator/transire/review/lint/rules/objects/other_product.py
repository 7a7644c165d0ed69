"""Find policies of a product that does not run here.

What it does: reports kinds that the named engine does not read, such as a Calico policy on Cilium,
and as a warning those that it reads only where its agent has a flag.
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
        if not foreign_to(context.release, manifest):
            continue
        flag = context.view.needed_flag(context.release, manifest)
        if flag:
            yield RuleMatch(
                manifest=manifest,
                path="/kind",
                message=f"{context.release.engine} reads {manifest.ref.kind} of "
                f"{group_of(manifest)} only with the agent flag {flag}, so without it nobody "
                "enforces the object; lint does not look into it",
                help=f"set {flag} on every agent, or write it as a kind that "
                f"{context.release.engine} enforces without a flag",
                level=Level.WARNING,
            )
        else:
            yield RuleMatch(
                manifest=manifest,
                path="/kind",
                message=f"{context.release.engine} does not read {manifest.ref.kind} of "
                f"{group_of(manifest)}, so nobody enforces the object",
                help=f"write it as a kind that {context.release.engine} enforces, or remove it",
            )
