"""Nothing in the cluster: the way is open, and what is beyond it fails."""

from __future__ import annotations

from collections.abc import Iterator

from transire.flowlogs.located import Located
from transire.flowlogs.record import Flow, Outcome
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.troubles import How, Trouble, flow, lines_of, lookup

ID = "outside-the-cluster"
WHETHER = "whether what is beyond the cluster fails by itself"
NEEDS = ()
_FAILURES = 400
_OK = 400


def find(case: Case) -> Iterator[Cause]:
    """Responses of hosts themselves, and names that resolvers outside fail on."""
    if case.is_open:
        return
    for host in _hosts(case):
        requests = [each for each in _requests(case) if host in flow(each).names]
        failing = [each for each in requests if _is_own_answer(each) and _is_meant(case, each)]
        if failing:
            yield _answered(case, host, failing, requests)
    yield from _passing(case)
    yield from _without_name(case)
    for trouble in case.troubles:
        if trouble.events and trouble.is_lookup and trouble.how is How.FAILED:
            yield _unresolved(trouble)


def _passing(case: Case) -> Iterator[Cause]:
    """Hosts of the symptom that policies and logs let through, and of which nothing is denied."""
    if any(each.events and each.how is not How.PASSED for each in case.troubles):
        return
    for host in case.symptom.hosts:
        about = [each for each in case.all_troubles if host in each.hosts]
        passed = [
            each
            for each in about
            if each.how is How.PASSED
            and case.lets(each)
            and any(case.would_allow(policy, each) for policy in case.governing(each))
        ]
        if not passed or any(each.how is not How.PASSED for each in about):
            continue
        if any(host in each.hosts for each in case.proxied) or case.symptom.is_slow:
            continue
        events = [event for each in passed for event in each.events]
        yield Cause(
            id=ID,
            text=(
                f"nothing in the cluster is seen to be at fault: the policies allow {host}, its "
                "connections pass and none is denied; what fails is beyond them, in the service's "
                "own answer, its certificate or the application"
            ),
            evidence=lines_of(events, f"{host} is let through"),
            fix=f"none in the policies: look at what {host} answers",
            weight=Weight.FITS,
        )


def _without_name(case: Case) -> Iterator[Cause]:
    """Hosts of the symptom that resolvers know nothing of."""
    for host in case.symptom.hosts:
        asked = [each for each in case.seen.lookups if lookup(each).name == host]
        unknown = [each for each in asked if lookup(each).code == "NXDOMAIN"]
        if unknown and len(unknown) == len(asked):
            yield Cause(
                id=ID,
                text=(
                    f"nothing in the cluster: lookups of {host} reach the resolver, which answers "
                    "that there is no such name (NXDOMAIN)"
                ),
                evidence=lines_of(unknown, f"{host} is answered with NXDOMAIN"),
                fix=f"look whether the name {host} is right, and who keeps its zone",
                weight=Weight.PROVEN,
            )


def _hosts(case: Case) -> tuple[str, ...]:
    named = {name: None for each in _requests(case) for name in flow(each).names}
    meant = [each for each in case.symptom.hosts if each in named]
    return tuple(meant or (() if case.symptom.hosts else named))


def _requests(case: Case) -> Iterator[Located]:
    for each in (*case.seen.flows, *case.seen.others):
        if isinstance(each.record, Flow) and each.record.named:
            yield each


def _is_own_answer(event: Located) -> bool:
    """Whether the host itself answered with a failure, and not the proxy before it."""
    detail = event.detail
    failed = detail.status is not None and detail.status >= _FAILURES
    return failed and detail.reached is True and detail.own is False


def _is_meant(case: Case, event: Located) -> bool:
    return not case.symptom.statuses or event.detail.status in case.symptom.statuses


def _answered(case: Case, host: str, failing: list[Located], requests: list[Located]) -> Cause:
    status = failing[0].detail.status
    fine = [
        each
        for each in requests
        if each.detail.status is not None and each.detail.status < _OK and each.detail.reached
    ]
    others = " (other calls to the same host are answered)" if fine else ""
    return Cause(
        id=ID,
        text=(
            f"nothing in the cluster: the policies allow the way to the proxy, the proxy allows "
            f"{host} and reaches it, and {status} is the host's own answer{others}"
        ),
        evidence=(
            *lines_of(failing, f"{host} was reached and answered {status} itself"),
            *lines_of(fine, "the same host answers"),
            *_way(case, failing),
        ),
        fix=f"none here: turn to whoever runs {host}",
        weight=Weight.PROVEN,
    )


def _way(case: Case, failing: list[Located]) -> Iterator[Evidence]:
    """Flows from the pods to the proxy that were let through."""
    del failing
    inside = [
        each
        for each in case.seen.flows
        if (record := flow(each)).outcome is Outcome.PASSED
        and record.destination.pod
        and not record.named
    ]
    yield from lines_of(inside, "let through, from the pods to where they go")


def _unresolved(trouble: Trouble) -> Cause:
    name = trouble.names[0] if trouble.names else "a name"
    code = lookup(trouble.events[0]).code
    return Cause(
        id=ID,
        text=(
            f"nothing in the policies: lookups of {name} reach the resolver, which answers "
            f"{code}; the servers that it asks in turn fail"
        ),
        evidence=lines_of(trouble.events, f"{name} is answered with {code}"),
        fix="look at the resolver's own servers: its log with the plugin errors",
        weight=Weight.SHOWN,
    )
