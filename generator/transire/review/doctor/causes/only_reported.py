"""Policies are staged, or only report: what they would deny passes, and nothing they allow."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.diagnosis import Setting
from transire.engines.api.policy_shape import Policy
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.policy_use import meant_for, reachable_policies
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "only-reported"
WHETHER = "whether policies are staged, or the agent only reports what they deny"
NEEDS = ("ConfigMap",)


def find(case: Case) -> Iterator[Cause]:
    """Staged policies that would decide, settings of the agent, and policies that deny nothing."""
    for trouble in case.troubles:
        passes = case.is_open or trouble.how is How.AUDITED
        if passes:
            yield from _audited(case, trouble)
            yield from _without_deny(case, trouble)
        yield from _staged(case, trouble, passes=passes)


def _audited(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """The agent's own switch, by its setting or by what it logs."""
    setting = _auditing(case)
    reported = trouble.how is How.AUDITED
    if setting is None or not (reported or case.denies(trouble)):
        return
    yield Cause(
        id=ID,
        text=(
            f"the agent is in audit mode ({setting.name} is {setting.value}): policies are "
            f"evaluated and only reported, so {trouble.shown} passes although they deny it"
        ),
        evidence=(
            case.objects.where(setting.manifest).shows(setting.at, f"{setting.name} is on"),
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
        ),
        fix=f"turn {setting.name} off and restart the agents, once nothing needed is reported",
        weight=Weight.PROVEN + 15,
    )


def _auditing(case: Case) -> Setting | None:
    for name, value in case.facts.audits:
        found = case.settings.get(name)
        if found and found.value.lower() == value:
            return found
    return None


def _staged(case: Case, trouble: Trouble, *, passes: bool) -> Iterator[Cause]:
    """Staged policies that would let a trouble through, or that would deny what passes."""
    pods = [case.workload(each) for each in trouble.pods[:1]]
    for policy in reachable_policies(case):
        if not case.facts.staged(policy.manifest) or not any(e in policy.subject for e in pods):
            continue
        if passes and policy.confines and case.lets(trouble):
            yield _of(case, policy, trouble, "so nothing denies what it would deny")
        elif not passes and not case.lets(trouble) and meant_for(case, policy, trouble):
            yield _of(case, policy, trouble, f"so {trouble.shown} is still denied")


def _of(case: Case, policy: Policy, trouble: Trouble, end: str) -> Cause:
    kind = policy.ref.kind
    return Cause(
        id=ID,
        text=f"{title(policy)} is staged ({kind}): it is only evaluated and not enforced, {end}",
        evidence=(
            case.placed(policy).shows("/kind", f"{kind}, which shows what it would do"),
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
        ),
        fix=f"enforce {title(policy)}: write the same policy in the enforced kind",
        weight=Weight.PROVEN + 11 if trouble.events else Weight.SHOWN + 11,
    )


def _without_deny(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """Policies that select the pods and leave open what no rule allows."""
    if not case.lets(trouble):
        return
    found = list(case.governing(trouble)) + list(_selecting(case, trouble))
    if any(each.confines for each in found if each.in_force):
        return
    for policy in {id(each): each for each in found}.values():
        shown = list(_why_open(case, policy))
        if shown:
            yield Cause(
                id=ID,
                text=(
                    f"no policy denies egress of {trouble.source}: {title(policy)} selects it and "
                    f"leaves open what its rules do not allow ({shown[0].shows})"
                ),
                evidence=(*shown, *lines_of(trouble.events, f"{trouble.shown} passes")),
                fix=f"let {title(policy)} limit egress, or add a policy that denies the rest",
                weight=Weight.SHOWN + 6,
            )


def _selecting(case: Case, trouble: Trouble) -> Iterator[Policy]:
    pods = [case.workload(each) for each in trouble.pods[:1]]
    for each in case.context.policies:
        if any(pod in each.subject for pod in pods) and not case.facts.staged(each.manifest):
            yield each


def _why_open(case: Case, policy: Policy) -> Iterator[Evidence]:
    placed, api = case.placed(policy), case.api_of(policy)
    gap = api.egress_gap(policy.manifest, case.context.trees[policy.manifest.index])
    if gap is not None:
        yield placed.shows(gap.at, gap.message)
    elif not policy.enforces and policy.rules:
        yield placed.shows(policy.at, "it turns default deny off, so it only adds")
