"""What policies come to for one destination, as several causes look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transire.engines.api.policy_shape import Policy, Rule
from transire.review.doctor import policies
from transire.review.doctor.case import Case
from transire.review.doctor.placed import Placed, is_ours
from transire.review.doctor.policies import body_of, mentions
from transire.review.doctor.troubles import Trouble


def listed_host(case: Case, trouble: Trouble, host: str) -> tuple[Policy, Rule] | None:
    """The rule that lists a host for the pods of a trouble, on its port."""
    alone = replace(trouble, names=(host,), asked=(), address="", peers=())
    for policy in case.governing(trouble):
        rule = case.would_allow(policy, alone)
        if rule is not None and rule.hosts:
            return policy, rule
    return None


def reachable_policies(case: Case) -> Iterator[Policy]:
    """The policies of the namespace and of the whole cluster."""
    for each in case.context.policies:
        if each.namespace in {"", case.namespace}:
            yield each


def meant_for(case: Case, policy: Policy, trouble: Trouble) -> bool:
    """Whether a policy seems to be there for the destination of a trouble.

    It would let it through, mentions it, or the symptom mentions the policy.
    """
    return case.would_allow(policy, trouble) is not None or mentioned(
        case, case.placed(policy), trouble
    )


def mentioned(case: Case, placed: Placed, trouble: Trouble) -> bool:
    """Whether an object mentions the destination, or the symptom the object."""
    body = dict(body_of(placed.manifest.body))
    name = placed.manifest.ref.name
    if mentions(body, hosts=trouble.hosts, address=trouble.address):
        return True
    return name.lower() in case.symptom.words or name.rpartition(".")[2] in case.symptom.words


def lists_nothing(case: Case, trouble: Trouble) -> bool:
    """Whether no policy of the pods has anything for the destination."""
    return not any(
        case.is_for(policy, rule, trouble)
        for policy in case.governing(trouble)
        for rule in policy.rules
        if policies.allows(rule)
    )


def ours(case: Case) -> bool:
    """Whether policies of the namespace are generated here."""
    return any(is_ours(each.manifest) for each in reachable_policies(case))
