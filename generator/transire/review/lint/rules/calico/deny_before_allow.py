"""Find a Calico Deny that comes before what it makes pointless.

What it does: reports an explicit Deny whose order lets it decide first about everything that a
later rule of the same tier would allow. Equal orders are told apart as the release does it.
Why is this bad? The first rule that matches decides. A policy named `default-deny` without an
order sorts before `dns-allow` since 3.32, and then nothing resolves.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: default-deny, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress: [{action: Deny}]
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: ledger-allow, namespace: shop}
    spec:
      selector: app == 'web'
      types: [Egress]
      egress: [{action: Allow, protocol: TCP, destination: {nets: [198.51.100.7/32], ports: [443]}}]
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: default-deny, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: ledger-allow, namespace: shop}
    spec:
      selector: app == 'web'
      types: [Egress]
      egress: [{action: Allow, protocol: TCP, destination: {nets: [198.51.100.7/32], ports: [443]}}]
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from transire.engines.api.policy_shape import Policy, Rule
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.wording import rule_text

ID = "deny-before-allow"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.32"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every Deny with the first rule that it makes pointless."""
    for policy in context.policies:
        for rule in policy.denies if policy.in_force else ():
            if rule.narrowed:
                continue
            dead = next(_dead(context, policy, rule), None)
            if dead:
                yield _found(policy, rule, *dead)


def _dead(context: LintContext, policy: Policy, rule: Rule) -> Iterator[tuple[Policy, Rule, str]]:
    """What the rule leaves nothing of, and why it comes first."""
    for each in context.around(policy):
        why = decided_first(context, policy, each)
        if each.tier != policy.tier or not why or not each.allows:
            continue
        if not each.subject <= policy.subject:
            continue
        places = [other.at for other in each.rules]
        for other in each.allows:
            later = each is not policy or places.index(other.at) > places.index(rule.at)
            named = bool(other.named) and not rule.every_port
            if later and not named and other.ports <= rule.ports and rule.covers_peers(other):
                yield each, other, why


def decided_first(context: LintContext, one: Policy, other: Policy) -> str:
    """Why one policy decides before the other, empty where it does not or this is unknown."""
    if one is other:
        return "it stands first"
    if one.order[0] < other.order[0]:
        return f"{_order(one)} comes before {_order(other)}"
    known = context.release.engine != "calico-enterprise"
    if known and one.order < other.order:
        return (
            f"both have {_order(one)}, and {one.order[1]!r} sorts before {other.order[1]!r} in "
            f"{context.release}"
        )
    return ""


def _order(policy: Policy) -> str:
    number = policy.order[0]
    return "no order" if number == inf else f"order {number:g}"


def _found(policy: Policy, rule: Rule, beaten: Policy, allow: Rule, why: str) -> RuleMatch:
    where = "" if beaten is policy else f" of {beaten.ref}"
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"this Deny decides before {allow.at}{where}, which {rule_text(allow)} and so "
        f"never does: {why}",
        help="remove the Deny, since a tier drops what none of its rules allows, or give its "
        "policy the greatest order",
    )
