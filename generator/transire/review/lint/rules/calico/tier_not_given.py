"""Say that a policy needs a tier that no given object creates.

What it does: names the tier of policies where neither Calico has it nor the given objects create
it.
Why is this bad? A policy in a tier that does not exist is refused, which leaves open what it was to
deny; so the tier has to be there first.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: egress.deny, namespace: shop}
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
from transire.engines.calico.objects.releases import DEFAULT, OPERATOR_TIERS
from transire.k8s.json_pointer import inner, text
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.wording import clipped

ID = "tier-not-given"
LEVEL = Level.NOTE
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy whose tier has to come from somewhere else."""
    objects = list(context.objects_where(is_calico))
    tiers = {DEFAULT.name, *OPERATOR_TIERS}
    tiers |= {each.name for each in dialect_of(context.release).tiers}
    tiers |= {manifest.ref.name for manifest, _ in objects if manifest.ref.kind == "Tier"}
    for manifest, tree in objects:
        tier = text(inner(tree, "spec"), "tier")
        if tier and tier not in tiers and manifest.ref.kind in (*ENFORCED, *STAGED):
            yield RuleMatch(
                manifest=manifest,
                path="/spec/tier",
                message=f"no given object creates the tier {clipped(tier)}, without which the "
                "policy is refused",
                help="apply the tier first, and keep it from being pruned",
            )
