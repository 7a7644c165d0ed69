"""A policy of somebody else denies: by a rule, or because nothing else limits the pods."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_kinds import is_foreign_policy
from transire.engines.api.policy_shape import Action, Policy, Rule
from transire.k8s.json_pointer import inner, maps, text
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import Placed, is_ours
from transire.review.doctor.policies import mentions
from transire.review.doctor.troubles import Trouble, lines_of

ID = "denied-by-another-policy"
WHETHER = "whether a policy of somebody else denies it"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Rules that deny, and foreign policies that alone limit the pods."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if case.lets(trouble):
            continue
        denying = list(_denying(case, trouble))
        for policy, rule in denying:
            yield _by_rule(case, trouble, policy, rule)
        if not denying:
            yield from _by_unread(case, trouble)
            yield from _by_isolation(case, trouble)


def _denying(case: Case, trouble: Trouble) -> Iterator[tuple[Policy, Rule]]:
    """Rules that deny the trouble, if they decide and were not meant by generated policies."""
    found = case.decide(trouble)
    decided = found.decided_by.object if found and found.decided_by else None
    for policy in case.governing(trouble):
        if decided is not None and policy.ref != decided:
            continue
        for rule in policy.rules:
            whole = policies.has_port(rule, trouble.protocol, trouble.port)
            if rule.action is Action.DENY and whole and case.is_for(policy, rule, trouble):
                yield policy, rule
                break


def _by_rule(case: Case, trouble: Trouble, policy: Policy, rule: Rule) -> Cause:
    placed = case.placed(policy)
    allowing = [
        title(each)
        for each in case.governing(trouble)
        if each is not policy and case.would_allow(each, trouble) is not None
    ]
    beside = f", although {', '.join(sorted(allowing))} allows it" if allowing else ""
    whose = "" if is_ours(placed.manifest) else ", which is none of the generated policies,"
    return Cause(
        id=ID,
        text=(
            f"{title(policy)}{whose} denies {trouble.shown}{beside}; a rule that denies comes first"
        ),
        evidence=(
            placed.shows(rule.at, "the rule that denies"),
            *_origin(placed),
            *lines_of(trouble.events, f"{trouble.shown} is denied"),
        ),
        fix=f"narrow the rule of {title(policy)}, with whoever owns it",
        weight=Weight.PROVEN + 10 if trouble.events else Weight.SHOWN + 10,
    )


def _origin(placed: Placed) -> Iterator[Evidence]:
    if not is_ours(placed.manifest):
        yield placed.shows("/metadata/labels", "not one of the generated objects")


def _by_unread(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """Policies that this engine's model does not read, with a rule that denies the destination."""
    for placed in case.objects.placed:
        manifest = placed.manifest
        if manifest.index in case.context.apis or not is_foreign_policy(manifest):
            continue
        for at, rule in maps(inner(manifest.body, "spec"), "egress", "/spec"):
            denies = text(rule, "action").lower() in _DENYING
            if denies and mentions(rule, hosts=trouble.hosts, address=trouble.address):
                yield Cause(
                    id=ID,
                    text=(
                        f"{manifest.ref} denies {trouble.shown} ({text(rule, 'name') or at}), "
                        f"before the policies of {case.namespace} are looked at"
                    ),
                    evidence=(
                        placed.shows(at, "the rule that denies"),
                        *lines_of(trouble.events, f"{trouble.shown} is denied"),
                    ),
                    fix=f"narrow the rule of {manifest.ref}, with whoever owns it",
                    weight=Weight.PROVEN + 8 if trouble.events else Weight.SHOWN + 8,
                )


_DENYING = frozenset({"deny", "drop", "reject"})


def _by_isolation(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """A policy of others that limits the pods where nothing of theirs does."""
    limiting = [each for each in case.governing(trouble) if each.confines]
    foreign = [each for each in limiting if _of_others(each)]
    if not foreign or len(foreign) != len(limiting) or trouble.is_lookup:
        return
    for policy in foreign:
        yield Cause(
            id=ID,
            text=(
                f"{title(policy)}, which came with something else, selects {trouble.source} and "
                f"limits its egress; nothing else limits it, and no rule of it is for "
                f"{trouble.shown}"
            ),
            evidence=(
                case.placed(policy).shows(policy.at, "egress is limited to its own rules"),
                *lines_of(trouble.events, f"{trouble.shown} is denied"),
            ),
            fix=f"narrow the selector of {title(policy)}, or allow {trouble.shown} beside it",
            weight=Weight.SHOWN + 5,
        )


def _of_others(policy: Policy) -> bool:
    """Whether a chart or an operator made it, and we did not."""
    labels = inner(policy.manifest.body, "metadata", "labels")
    made = any(key.startswith(("helm.sh/", "app.kubernetes.io/instance", "olm.")) for key in labels)
    return made and not is_ours(policy.manifest)
