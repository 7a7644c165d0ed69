"""Find a deny of every IPv4 address that forgets IPv6.

What it does: reports deny rules for 0.0.0.0/0, or for IPv4 alone, without one for ::/0 of the same
pods, and the other way round.
Why is this bad? On a cluster with both families, whatever has an IPv6 address is still reached.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: offline, namespace: shop}
    spec:
      endpointSelector: {}
      enableDefaultDeny: {egress: false}
      egressDeny:
      - toCIDR: [0.0.0.0/0]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: offline, namespace: shop}
    spec:
      endpointSelector: {}
      enableDefaultDeny: {egress: false}
      egressDeny:
      - toCIDR: [0.0.0.0/0, "::/0"]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Block, Policy, Rule
from transire.k8s.correction import corrected
from transire.model.problems import Level
from transire.review.lint.applicability import with_denies
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "one-family-denied"
LEVEL = Level.ERROR
APPLIES = with_denies
EXAMPLE = "cilium@1.19"

_WHOLE = {4: "0.0.0.0/0", 6: "::/0"}


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every deny of one whole family that has no counterpart."""
    for policy in context.policies:
        for rule in policy.denies:
            for block in rule.blocks:
                version = block.cidr.version
                other = 10 - version
                matters = block.is_whole and other in context.facts.families
                if matters and not _also(context, policy, rule, other):
                    yield _found(context, policy, rule, block)


def _also(context: LintContext, policy: Policy, rule: Rule, version: int) -> bool:
    """Whether the same pods are denied the other family on the same ports."""

    def denies(each: Policy) -> bool:
        return any(version in other.families and rule.ports <= other.ports for other in each.denies)

    return any(context.covering(policy, denies))


def _found(context: LintContext, policy: Policy, rule: Rule, block: Block) -> RuleMatch:
    corrections = context.api_of(policy).corrections
    version = block.cidr.version
    other = _WHOLE[10 - version]
    return RuleMatch(
        manifest=policy.manifest,
        path=block.at,
        message=f"every IPv{version} address is denied, and IPv{10 - version} is not",
        help=f"deny {other} for the same pods, too",
        fix=corrected(policy.manifest, lambda body: corrections.also_deny(body, rule.at, other)),
    )
