"""Find deny rules that deny everything else, too.

What it does: reports a policy whose egress is deny rules alone, where no given policy allows the
same pods anything. In Calico a tier whose `defaultAction` is `Pass` leaves the rest alone, and of a
tier that is not given nothing is known.
Why is this bad? A policy with any egress rule denies what it does not allow, so the pods lose all
of their egress and not just what the rules name.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: no-partner, namespace: shop}
    spec:
      endpointSelector: {}
      egressDeny:
      - toCIDR: [198.51.100.0/24]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: no-partner, namespace: shop}
    spec:
      endpointSelector: {}
      enableDefaultDeny: {egress: false}
      egressDeny:
      - toCIDR: [198.51.100.0/24]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Action, Policy
from transire.flows.pod_set import PodSet
from transire.model.problems import Level
from transire.review.lint.applicability import with_denies
from transire.review.lint.context import LintContext, decides_no_later
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import some_pod

ID = "deny-only"
LEVEL = Level.ERROR
APPLIES = with_denies
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that only denies and thereby denies all."""
    for policy in context.policies:
        if not policy.in_force or not policy.enforces or not _only_denies(policy):
            continue
        if _leaves_the_rest(context, policy):
            continue
        bare = _bare(context, policy)
        if bare:
            api = context.api_of(policy)
            yield RuleMatch(
                manifest=policy.manifest,
                path=policy.rules[0].at.rpartition("/")[0],
                message=f"{api.denies_the_rest}, so {some_pod(bare)} may reach nothing at all",
                help=api.corrections.deny_alone,
            )


def _only_denies(policy: Policy) -> bool:
    """Whether its rules deny some destinations and none denies a whole family, which is meant."""
    return bool(policy.rules) and all(
        each.action is Action.DENY
        and not (
            (each.anywhere or each.everything or each.families)
            and each.every_port
            and not each.narrowed
        )
        for each in policy.rules
    )


def _leaves_the_rest(context: LintContext, policy: Policy) -> bool:
    """Whether the tier ends in something else than a deny, as far as is known."""
    tier = context.tiers.get(policy.tier)
    return bool(policy.tier) and (tier is None or tier.passes)


def _bare(context: LintContext, policy: Policy) -> PodSet:
    """The pods that no other policy confines or allows something; to others it is no news."""
    rest = policy.subject
    for each in context.around(policy):
        counts = each is not policy and decides_no_later(context, each, policy)
        allows = any(rule.action is not Action.DENY for rule in each.rules)
        if rest and counts and (allows or (each.enforces and not each.rules)):
            rest -= each.subject
    return rest
