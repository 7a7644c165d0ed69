"""A policy would let something through, and an earlier tier or an earlier policy decides first."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from transire.engines.api.policy_shape import Action, Policy, Rule
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.troubles import Trouble, lines_of

ID = "policy-comes-too-late"
WHETHER = "whether another tier or policy decides before the one that allows"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Policies that allow what an earlier one denies."""
    if not case.context.tiers or case.is_open:
        return
    for trouble in case.troubles:
        if case.lets(trouble):
            continue
        for policy in case.governing(trouble):
            rule = case.would_allow(policy, trouble)
            earlier = None if rule is None else _earlier(case, policy, trouble)
            if rule is not None and earlier is not None:
                yield _cause(case, trouble, policy, rule, earlier)


def _place(case: Case, policy: Policy) -> tuple[float, tuple[float, str]]:
    tier = case.context.tiers.get(policy.tier)
    return (tier.order if tier else inf), policy.order


def _earlier(case: Case, policy: Policy, trouble: Trouble) -> Policy | None:
    """The first policy before this one that denies: by a rule, or at the end of its tier."""
    own = _place(case, policy)
    before = [each for each in case.governing(trouble) if _place(case, each) < own]
    for each in sorted(before, key=lambda other: _place(case, other)):
        if _denying(case, each, trouble) is not None:
            return each
        tier = case.context.tiers.get(each.tier)
        if each.tier != policy.tier and each.enforces and tier and not tier.passes:
            return _last_of(case, each, before)
    return None


def _last_of(case: Case, policy: Policy, before: list[Policy]) -> Policy:
    """The policy at which the tier of another ends, which logs name."""
    same = [each for each in before if each.tier == policy.tier]
    return max(same, key=lambda each: _place(case, each))


def _denying(case: Case, policy: Policy, trouble: Trouble) -> Rule | None:
    for rule in policy.rules:
        if not policies.has_port(rule, trouble.protocol, trouble.port):
            continue
        if case.is_for(policy, rule, trouble):
            return rule if rule.action is Action.DENY else None
    return None


def _cause(case: Case, trouble: Trouble, policy: Policy, rule: Rule, earlier: Policy) -> Cause:
    if earlier.tier != policy.tier:
        text = (
            f"{title(policy)} is in the tier {policy.tier}, which comes after the tier "
            f"{earlier.tier}; that one ends in deny for these pods ({title(earlier)} selects "
            "them), so the policy is never reached"
        )
        fix = (
            f"move {title(policy)} into the tier {earlier.tier}, before {title(earlier)}, or put "
            "the host into the team's values"
        )
    else:
        text = (
            f"{title(policy)} has the order {policy.order[0]:g} and comes after {title(earlier)} "
            f"with the order {earlier.order[0]:g} in the same tier {policy.tier}, which denies it "
            "first"
        )
        fix = f"give {title(policy)} an order below {earlier.order[0]:g}"
    return Cause(
        id=ID,
        text=text,
        evidence=(*_evidence(case, policy, rule, earlier), *_denied(trouble)),
        fix=fix,
        weight=Weight.PROVEN + 11 if trouble.events else Weight.SHOWN + 11,
    )


def _denied(trouble: Trouble) -> tuple[Evidence, ...]:
    return lines_of(trouble.events, f"{trouble.shown} is denied")


def _evidence(case: Case, policy: Policy, rule: Rule, earlier: Policy) -> Iterator[Evidence]:
    placed = case.placed(policy)
    yield placed.shows("/spec/tier", f"tier {policy.tier}")
    yield placed.shows(rule.at, "the rule that would allow it")
    yield case.placed(earlier).shows(earlier.at, f"tier {earlier.tier}, which denies the rest")
    for each in case.objects.of("Tier"):
        if each.manifest.ref.name in {policy.tier, earlier.tier}:
            tier = case.context.tiers.get(each.manifest.ref.name)
            order = f"order {tier.order:g}" if tier else "its order"
            yield each.shows("/spec/order", f"tier {each.manifest.ref.name}: {order}")
