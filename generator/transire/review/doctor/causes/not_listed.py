"""No rule lists the destination, or the rule that does is for another port or other pods."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.flows.pod_set import written_labels
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import lists_nothing, reachable_policies
from transire.review.doctor.proxy_settings import why_direct
from transire.review.doctor.troubles import Trouble, lines_of

ID = "not-listed"
WHETHER = "whether a rule lists the destination"
NEEDS = ()
_NAMED = 4
"""Policies that are named."""


def find(case: Case) -> Iterator[Cause]:
    """Destinations that the symptom names and that policies do not let through."""
    if case.is_open or not case.symptom.text:
        return
    for trouble in case.troubles:
        if not trouble.named or trouble.is_lookup or not case.denies(trouble):
            continue
        if _goes_through_proxy(case, trouble):
            continue
        other = list(_for_it(case, trouble))
        if other:
            yield _other(case, trouble, *other[0])
        elif lists_nothing(case, trouble):
            yield _nothing(case, trouble)


def _goes_through_proxy(case: Case, trouble: Trouble) -> bool:
    """Whether pods name a proxy for the host, and no log shows that they pass it by."""
    why = why_direct(case, trouble)
    return why is not None and why.set and not trouble.events


def _for_it(case: Case, trouble: Trouble) -> Iterator[tuple[Policy, Rule, str]]:
    """Rules that are for the destination, and not for the port or the pods."""
    workload = case.workload(trouble.pods[0])
    for policy in reachable_policies(case):
        if not policy.in_force:
            continue
        selects = workload in policy.subject
        for rule in policy.allows:
            if rule.anywhere or not case.is_for(policy, rule, trouble):
                continue
            fits = policies.has_port(rule, trouble.protocol, trouble.port)
            if selects and not fits:
                yield policy, rule, f"on other ports than {trouble.port}/{trouble.protocol}"
            elif fits and not selects:
                yield policy, rule, f"to other pods ({policy.subject})"


def _other(case: Case, trouble: Trouble, policy: Policy, rule: Rule, how: str) -> Cause:
    own = written_labels(trouble.pods[0].labels)
    return Cause(
        id=ID,
        text=(
            f"{title(policy)} allows {trouble.shown.rpartition(':')[0] or trouble.shown} {how}, "
            f"and {trouble.source} ({own}) connects to {trouble.shown}"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"allowed {how}"),
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
        ),
        fix="add the port, or the pods, to the rule in the team's values",
        weight=Weight.SHOWN + 4,
    )


def _nothing(case: Case, trouble: Trouble) -> Cause:
    limiting = [each for each in case.governing(trouble) if each.confines]
    titles = sorted({title(each) for each in limiting})
    more = f" and {len(titles) - _NAMED} more policies" if len(titles) > _NAMED else ""
    names = ", ".join(titles[:_NAMED]) + more
    return Cause(
        id=ID,
        text=(
            f"no rule lists {trouble.shown} for {trouble.source}: its egress is limited by {names}"
        ),
        evidence=(
            *(case.placed(each).shows(each.at, "egress is limited") for each in limiting[:3]),
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
        ),
        fix="add the host and its port to the team's values, if it is wanted: transire add",
        weight=Weight.FITS,
    )
