"""Find named ports of destinations that have no ports to name.

What it does: reports ports by name in rules for hosts and address ranges.
Why is this bad? A name is looked up in the pods of the cluster, never at the destination. In Cilium
whatever number some pod gives the name is opened; elsewhere the rule matches nothing.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: https, protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped, outside

ID = "named-port-outside"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every named port of a host or range."""
    for policy in context.policies:
        for rule in policy.rules:
            if rule.hosts or rule.blocks or rule.world:
                yield from _found(context, policy, rule)


def _found(context: LintContext, policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    for port in rule.named:
        what = (
            f"opens whatever number pods of the cluster give that name, if they agree on one, to "
            f"{outside(rule)}"
            if context.api_of(policy).names_ports_outside
            else f"matches nothing at {outside(rule)}, which has no port of that name"
        )
        yield RuleMatch(
            manifest=policy.manifest,
            path=port.at,
            message=f"the port name {clipped(port.name)} {what}",
            help="write the number",
        )
