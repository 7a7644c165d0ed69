"""Find rules that an earlier Allow or Pass keeps from ever being reached.

What it does: reports an Allow or a Pass whose policy decides first about everything that a later
Deny of the same tier would deny, and a Pass that does so to a later Allow.
Why is this bad? The first rule that matches decides; a Pass leaves the rest of the tier out. What
the later rule was to deny is then open, or is left to the tiers behind.
Bad:
    apiVersion: projectcalico.org/v3
    kind: Tier
    metadata: {name: security}
    spec: {order: 200, defaultAction: Pass}
    ---
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata: {name: security.pass-inside}
    spec:
      tier: security
      order: 10
      namespaceSelector: projectcalico.org/name == 'shop'
      types: [Egress]
      egress: [{action: Pass}]
    ---
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata: {name: security.block-bad}
    spec:
      tier: security
      order: 20
      namespaceSelector: projectcalico.org/name == 'shop'
      types: [Egress]
      egress: [{action: Deny, destination: {nets: [203.0.113.0/24]}}]
Good:
    apiVersion: projectcalico.org/v3
    kind: Tier
    metadata: {name: security}
    spec: {order: 200, defaultAction: Pass}
    ---
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata: {name: security.block-bad}
    spec:
      tier: security
      order: 20
      namespaceSelector: projectcalico.org/name == 'shop'
      types: [Egress]
      egress: [{action: Deny, destination: {nets: [203.0.113.0/24]}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Action, Policy, Rule
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.rules.calico.deny_before_allow import decided_first
from transire.review.lint.wording import rule_text

ID = "never-reached"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.32"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every rule with the first one before it that leaves nothing of it."""
    for policy in context.policies:
        for place, rule in enumerate(policy.rules if policy.in_force else ()):
            before = None if rule.nothing else next(_before(context, policy, place), None)
            if before:
                yield _found(policy, rule, *before)


def _before(context: LintContext, policy: Policy, place: int) -> Iterator[tuple[Policy, Rule, str]]:
    rule = policy.rules[place]
    for other in context.around(policy):
        why = decided_first(context, other, policy)
        if other.tier != policy.tier or not why or not policy.subject <= other.subject:
            continue
        for first in policy.rules[:place] if other is policy else other.rules:
            if _hides(first, rule):
                yield other, first, why


def _hides(first: Rule, rule: Rule) -> bool:
    hidden = {Action.ALLOW: (Action.DENY,), Action.PASS: (Action.DENY, Action.ALLOW)}
    if first.narrowed or first.nothing or rule.action not in hidden.get(first.action, ()):
        return False
    named = bool(rule.named) and not first.every_port
    return not named and rule.ports <= first.ports and first.covers_peers(rule)


def _found(policy: Policy, rule: Rule, other: Policy, first: Rule, why: str) -> RuleMatch:
    where = "" if other is policy else f" of {other.ref}"
    end = "passes all of it on" if first.action is Action.PASS else "allows all of it"
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"the rule {rule_text(rule)} and is never reached: {first.at}{where} {end} before, "
        f"since {why}",
        help="put it before that rule, or make that rule narrower",
        level=None if rule.action is Action.DENY else Level.WARNING,
    )
