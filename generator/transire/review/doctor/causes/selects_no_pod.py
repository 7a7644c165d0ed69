"""A policy selects no pod of its namespace, and so not the one that it is meant for."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from transire.engines.api.policy_shape import Policy, Rule
from transire.flows.pod_set import written_labels
from transire.queries.cluster_state import Pod
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import meant_for, reachable_policies
from transire.review.doctor.troubles import Trouble, lines_of

ID = "selects-no-pod"
WHETHER = "whether the policies select the pods that they are meant for"
NEEDS = ("Pod",)


def find(case: Case) -> Iterator[Cause]:
    """Policies of the namespace whose selector matches none of its pods."""
    if not case.pods:
        return
    yield from _destinations(case)
    pods = [case.workload(each) for each in case.pods]
    for policy in reachable_policies(case):
        if policy.others or policy.namespace != case.namespace:
            continue
        if not policy.in_force or any(each in policy.subject for each in pods):
            continue
        yield from _concerning(case, policy)


def _destinations(case: Case) -> Iterator[Cause]:
    """Rules for pods of the destination's namespace, or its port, that select no pod at all."""
    known = [case.workload(each) for each in case.state.pods]
    for trouble in case.troubles:
        if case.is_open or not trouble.peers or trouble.is_lookup or case.lets(trouble):
            continue
        for policy in case.governing(trouble):
            for rule in policy.allows:
                fits = policies.has_port(rule, trouble.protocol, trouble.port)
                if not fits or not rule.pods or rule.every_port:
                    continue
                if not any(pod in peer.pods for peer in rule.pods for pod in known):
                    yield _destination(case, policy, rule, trouble)


def _destination(case: Case, policy: Policy, rule: Rule, trouble: Trouble) -> Cause:
    pod = trouble.peers[0]
    wanted = " or ".join(str(each.pods) for each in rule.pods)
    labels, found = written_labels(pod.labels), case.object_of(pod)
    return Cause(
        id=ID,
        text=(
            f"the destination of {title(policy)} selects no pod: it is for {wanted}, and "
            f"{pod.namespace}/{pod.name} has the labels {labels}"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"the destination is {wanted}"),
            *([found.shows("/metadata/labels", f"the pod has {labels}")] if found else []),
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
        ),
        fix=f"correct the labels of the destination in {title(policy)} to those of {pod.name}",
        weight=Weight.PROVEN + 8 if trouble.events else Weight.SHOWN + 8,
    )


def _concerning(case: Case, policy: Policy) -> Iterator[Cause]:
    for trouble in case.troubles:
        if case.is_open:
            if policy.confines and case.lets(trouble):
                yield _cause(case, policy, trouble, "so nothing limits the egress of those pods")
                return
        elif not case.lets(trouble) and meant_for(case, policy, trouble):
            others = sorted(title(each) for each in case.governing(trouble))
            left = f"only {', '.join(others)} govern it" if others else "none governs it"
            yield _cause(case, policy, trouble, f"so of the policies that select pods {left}")
            return


def _cause(case: Case, policy: Policy, trouble: Trouble, end: str) -> Cause:
    near = _nearest(case, policy, trouble)
    labels = written_labels({key: near.labels[key] for key in sorted(near.labels)}) if near else ""
    hint = f" ({near.name} has {labels})" if near else ""
    placed = case.placed(policy)
    found = case.object_of(near) if near else None
    return Cause(
        id=ID,
        text=(
            f"{title(policy)} selects no pod: it is for the pods {policy.subject}, labels that no "
            f"pod of the namespace has{hint}, {end}"
        ),
        evidence=(
            placed.shows(policy.subject_at, f"it is for {policy.subject}"),
            *([found.shows("/metadata/labels", f"the pod has {labels}")] if found else []),
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
        ),
        fix=f"correct the labels in the selector of {title(policy)}"
        + (f" to those of {near.name}" if near else ""),
        weight=Weight.PROVEN + 12 if trouble.events else Weight.SHOWN + 12,
    )


def _nearest(case: Case, policy: Policy, trouble: Trouble) -> Pod | None:
    """The pod of the trouble, or that with labels most like those that are wanted."""
    if trouble.pods:
        return trouble.pods[0]
    wanted = str(policy.subject)
    texts = {written_labels(each.labels): each for each in case.pods}
    found = get_close_matches(wanted, texts, n=1, cutoff=0.0)
    return texts[found[0]] if found else None
