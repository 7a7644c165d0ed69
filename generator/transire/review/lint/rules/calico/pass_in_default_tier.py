"""Find a Pass in Calico's default tier.

What it does: reports `action: Pass` in egress rules of policies in the default tier.
Why is this bad? No later tier denies, so a pod's packet ends at the profile of its namespace, which
allows everything: Pass means Allow there.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: inside, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress: [{action: Pass, destination: {nets: [10.0.0.0/8]}}]
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: inside, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress: [{action: Allow, destination: {nets: [10.0.0.0/8]}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Action
from transire.engines.calico.lint_policies import is_calico
from transire.engines.calico.objects.releases import DEFAULT
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.wording import peers, ports

ID = "pass-in-default-tier"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every Pass that nothing comes after."""
    for policy in context.policies:
        if is_calico(policy.manifest) and policy.tier == DEFAULT.name:
            for rule in policy.rules:
                if rule.action is Action.PASS:
                    yield RuleMatch(
                        manifest=policy.manifest,
                        path=f"{rule.at}/action",
                        message=f"Pass in the default tier allows {ports(rule)} to {peers(rule)}, "
                        "since no tier after it denies",
                        help="write Allow if that is meant, else move the policy to a tier before "
                        "the default one",
                    )
