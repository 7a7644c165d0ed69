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
from typing import Any

from transire.engines.api.policy_view import Block, Family, Policy, Rule
from transire.k8s.json_pointer import corrected, find, plain
from transire.model.problems import Level
from transire.review.lint.context import CALICO, CILIUM, LintContext
from transire.review.lint.finding import RuleMatch

ID = "one-family-denied"
LEVEL = Level.ERROR
ENGINES = CILIUM | CALICO
EXAMPLE = "cilium@1.19"

_WHOLE = {4: "0.0.0.0/0", 6: "::/0"}


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every deny of one whole family that has no counterpart."""
    for policy in review.policies:
        for rule in policy.denies:
            for block in rule.blocks:
                version = block.cidr.version
                other = 10 - version
                matters = block.is_whole and other in review.facts.families
                if matters and not _also(review, policy, rule, other):
                    yield _found(policy, rule, block)


def _also(review: LintContext, policy: Policy, rule: Rule, version: int) -> bool:
    """Whether the same pods are denied the other family on the same ports."""

    def denies(each: Policy) -> bool:
        return any(version in other.families and rule.ports <= other.ports for other in each.denies)

    return any(review.covering(policy, denies))


def _found(policy: Policy, rule: Rule, block: Block) -> RuleMatch:
    version = block.cidr.version
    other = _WHOLE[10 - version]
    return RuleMatch(
        manifest=policy.manifest,
        path=block.at,
        message=f"every IPv{version} address is denied, and IPv{10 - version} is not",
        help=f"deny {other} for the same pods, too",
        fix=corrected(policy.manifest, lambda body: _add(body, policy.family, rule.at, other)),
    )


def _add(body: dict[str, Any], family: Family, at: str, other: str) -> None:
    rule = find(body, at)
    if family is Family.CALICO:
        rules, _, place = at.rpartition("/")
        twin = plain(rule)
        if "ipVersion" in twin:
            twin["ipVersion"] = 6 if ":" in other else 4
        if "nets" in twin.get("destination", {}):
            twin["destination"]["nets"] = [other]
        find(body, rules).insert(int(place) + 1, twin)
    elif "toCIDR" in rule:
        rule["toCIDR"].append(other)
    else:
        rule["toCIDRSet"].append({"cidr": other})
