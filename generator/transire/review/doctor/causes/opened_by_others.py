"""A policy opens more than the list: allows add up, and one that nobody here wrote opens more."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import is_ours
from transire.review.doctor.policy_use import ours
from transire.review.doctor.troubles import Trouble, lines_of

ID = "opened-by-another-policy"
WHETHER = "whether a policy of somebody else opens more than the list"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """The policies that let through what should not be."""
    if not case.is_open:
        return
    for trouble in case.troubles:
        if not case.lets(trouble):
            continue
        for policy, rule in _opening(case, trouble):
            if not is_ours(policy.manifest) or policies.open_to_all(rule):
                yield _cause(case, trouble, policy, rule)


def _opening(case: Case, trouble: Trouble) -> Iterator[tuple[Policy, Rule]]:
    for policy in case.governing(trouble):
        rule = case.would_allow(policy, trouble)
        if rule is not None:
            yield policy, rule


def _cause(case: Case, trouble: Trouble, policy: Policy, rule: Rule) -> Cause:
    placed = case.placed(policy)
    foreign = ours(case) and not is_ours(policy.manifest)
    whose = ", which is none of the generated policies," if foreign else ""
    whole = "all egress" if policies.open_to_all(rule) and rule.every_port else "egress to any host"
    what = whole if policies.open_to_all(rule) else trouble.shown
    everyone = "every pod of the namespace" if not policy.pins else "these pods"
    by = [
        each
        for each in trouble.events
        if any(one.name == policy.ref.name for one in getattr(each.record, "policies", ()))
    ]
    return Cause(
        id=ID,
        text=(
            f"{title(policy)}{whose} selects {everyone} and allows {what}; allows add up, so it "
            f"undoes the list{_left_over(rule)}"
        ),
        evidence=(
            placed.shows(rule.at, f"it allows {what}"),
            *_origin(case, policy, foreign=foreign),
            *lines_of(by or trouble.events, f"{trouble.shown} is let through"),
        ),
        fix=(
            f"remove or narrow the rule of {title(policy)} where it comes from, and keep others "
            "from writing policies in the namespace"
        ),
        weight=(Weight.PROVEN if trouble.events else Weight.SHOWN) + (8 if foreign else 4),
    )


def _left_over(rule: Rule) -> str:
    """What a rule with ports and no destination often is."""
    if not rule.anywhere or rule.every_port:
        return ""
    return (
        "; ports without a destination are what is left where the API server prunes a field that "
        "it does not know, or a null"
    )


def _origin(case: Case, policy: Policy, *, foreign: bool) -> Iterator[Evidence]:
    if foreign:
        yield case.placed(policy).shows("/metadata/labels", "not one of the generated objects")
