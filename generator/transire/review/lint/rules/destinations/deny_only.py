"""Find deny rules that deny everything else, too.

What it does: reports a Cilium policy whose egress is deny rules alone, where no given policy allows
the same pods anything.
Why is this bad? Any egress section turns default deny on, so the pods lose all of their egress and
not just what the rules name.
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

from transire.engines.api.policy_shape import Policy
from transire.engines.cilium.lint_policies import is_policy
from transire.flows.pod_set import PodSet
from transire.k8s.json_pointer import items
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import some_pod

ID = "deny-only"
LEVEL = Level.WARNING
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that only denies and thereby denies all."""
    for policy in context.policies:
        only = policy.enforces and policy.denies and not items(policy.tree, "egress")
        if not is_policy(policy.manifest) or not only:
            continue
        bare = _bare(context, policy)
        if bare:
            yield RuleMatch(
                manifest=policy.manifest,
                path=f"{policy.at}/egressDeny",
                message=f"deny rules turn default deny on, so {some_pod(bare)} may reach nothing "
                "at all",
                help="write enableDefaultDeny: {egress: false} (since 1.16) to deny these alone, "
                "or allow what is needed",
            )


def _bare(context: LintContext, policy: Policy) -> PodSet:
    """The pods that no other policy confines or allows something; to others it is no news."""
    rest = policy.subject
    for each in context.around(policy):
        if rest and each is not policy and (each.allows or items(each.tree, "egress")):
            rest -= each.subject
    return rest
