"""Find policies whose name does not fit their tier.

What it does: reports policies outside the default tier whose name does not begin with the tier's,
before Calico 3.32.
Why is this bad? Until 3.31 the API server refuses the policy, so what it was to deny is open.
Bad:
    apiVersion: projectcalico.org/v3
    kind: Tier
    metadata: {name: egress}
    spec: {order: 5000, defaultAction: Deny}
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {tier: egress, selector: all(), types: [Egress]}
Good:
    apiVersion: projectcalico.org/v3
    kind: Tier
    metadata: {name: egress}
    spec: {order: 5000, defaultAction: Deny}
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: egress.deny, namespace: shop}
    spec: {tier: egress, selector: all(), types: [Egress]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.calico.lint_policies import ENFORCED, STAGED, dialect_of, is_calico
from transire.engines.calico.objects.releases import DEFAULT
from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.wording import clipped

ID = "tier-prefix"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that its name keeps out of its tier."""
    enterprise = context.release.engine == "calico-enterprise"
    if not enterprise and not dialect_of(context.release).prefixed_names:
        return
    for manifest, tree in context.objects_where(is_calico):
        name = manifest.ref.name
        tier = text(inner(tree, "spec"), "tier") or DEFAULT.name
        tiered = manifest.ref.kind in (*ENFORCED, *STAGED) and name and tier != DEFAULT.name
        if tiered and not name.startswith(f"{tier}."):
            yield _without_prefix(context, manifest, tier)


def _without_prefix(context: LintContext, manifest: Manifest, tier: str) -> RuleMatch:
    """Whether Calico Enterprise of some version refuses such names is not documented."""
    enterprise = context.release.engine == "calico-enterprise"
    who = "releases before 3.32 refuse" if enterprise else f"{context.release} refuses"
    return RuleMatch(
        manifest=manifest,
        path="/metadata/name",
        message=f"the policy is in the tier {clipped(tier)}, and {who} a name without that prefix",
        help=f"name it {clipped(tier)}.{manifest.ref.name}, which every release takes",
        level=Level.WARNING if enterprise else None,
    )
