"""Find what a Cilium policy allows and another rule denies.

What it does: reports allowed destinations that a deny rule for all of the same pods covers whole:
hosts beside `egressDeny` of the world, ranges inside a denied range.
Why is this bad? A deny beats every allow, whatever the order and whoever wrote it. Addresses learnt
for a host belong to the world, so denying the world denies every host.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: api.example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
      egressDeny:
      - toEntities: [world]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: api.example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import rule_text

ID = "denied-anyway"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every allowed rule that never allows anything."""
    for policy in context.policies:
        for rule in policy.allows:
            found = next(_denying(context, policy, rule), None)
            if found:
                other, deny = found
                where = "" if other is policy else f" of {other.ref}"
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=rule.at,
                    message=f"the rule {rule_text(rule)}, and {deny.at}{where} denies all of it, "
                    "which beats every allow",
                    help="make the deny narrower or remove it; without an allow the rest is denied "
                    "anyway",
                )


def _denying(context: LintContext, policy: Policy, rule: Rule) -> Iterator[tuple[Policy, Rule]]:
    if rule.named:
        return
    for each in context.covering(policy, lambda each: each.denies):
        for deny in each.denies:
            if rule.ports <= deny.ports and _covers(deny, rule):
                yield each, deny


def _covers(deny: Rule, rule: Rule) -> bool:
    """Whether all of the rule is denied; the hosts of one family alone are not all hosts."""
    hosts = rule.hosts and not rule.others and len(deny.families) == 2  # noqa: PLR2004 - both
    return bool(hosts) or deny.covers_peers(rule)
