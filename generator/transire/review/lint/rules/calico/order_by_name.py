"""Find policies of equal order of which the name decides.

What it does: reports an Allow that comes before a Deny or Pass of the same tier, for the same
traffic and pods, only because its policy's name sorts first.
Why is this bad? The first rule that matches decides. Policies of one order, or of none, are sorted
by their names, and how changed with 3.32: a rename or an upgrade turns the Allow into nothing.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: allow-partner, namespace: shop}
    spec:
      order: 100
      selector: app == 'web'
      types: [Egress]
      egress: [{action: Allow, protocol: TCP, destination: {nets: [198.51.100.0/24], ports: [443]}}]
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny-rest, namespace: shop}
    spec:
      order: 100
      selector: all()
      types: [Egress]
      egress: [{action: Deny}]
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: allow-partner, namespace: shop}
    spec:
      order: 100
      selector: app == 'web'
      types: [Egress]
      egress: [{action: Allow, protocol: TCP, destination: {nets: [198.51.100.0/24], ports: [443]}}]
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny-rest, namespace: shop}
    spec:
      order: 200
      selector: all()
      types: [Egress]
      egress: [{action: Deny}]
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from transire.engines.api.policy_shape import Action, Policy, Rule
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.wording import rule_text

ID = "order-by-name"
LEVEL = Level.WARNING
APPLIES = on_calico
EXAMPLE = "calico@3.32"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """The first rule of every policy that comes before another by its name alone."""
    for policy in context.policies:
        if policy.in_force:
            found = next(_lucky(context, policy), None)
            if found:
                yield _found(policy, *found)


def _lucky(context: LintContext, policy: Policy) -> Iterator[tuple[Rule, Policy, Rule]]:
    """What is allowed, and the rule that would stop it if the names were others."""
    for other in context.around(policy):
        same = other.tier == policy.tier and other.order[0] == policy.order[0]
        if other is policy or not same or not policy.order < other.order:
            continue
        if not (policy.subject <= other.subject or other.subject <= policy.subject):
            continue
        for rule in policy.allows:
            for stop in other.rules:
                stops = stop.action is not Action.ALLOW and not stop.nothing and not stop.narrowed
                if stops and rule.ports <= stop.ports and stop.covers_peers(rule):
                    yield rule, other, stop


def _found(policy: Policy, rule: Rule, other: Policy, stop: Rule) -> RuleMatch:
    order = "no order" if policy.order[0] == inf else f"the order {policy.order[0]:g}"
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"the rule {rule_text(rule)} only because {policy.order[1]!r} sorts before "
        f"{other.order[1]!r}: both policies have {order}, and {stop.at} of {other.ref} "
        f"{stop.action} the same",
        help=f"give {other.ref} a greater order",
    )
