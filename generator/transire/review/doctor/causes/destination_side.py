"""Egress is allowed, and a policy of the destination denies what comes in."""

from __future__ import annotations

from collections.abc import Iterator

from transire.flowlogs.located import Located
from transire.flowlogs.record import Flow, Outcome
from transire.review.doctor.case import Case, title
from transire.review.doctor.collect import name_of
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.troubles import Trouble, lines_of

ID = "denied-at-destination"
WHETHER = "whether a policy of the destination denies what comes in"
NEEDS = ("Pod",)


def find(case: Case) -> Iterator[Cause]:
    """Destinations in the cluster that log a denial at their end, or whose policies limit them."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if not trouble.peers or not case.lets(trouble):
            continue
        denied = [each for each in case.seen.others if _is_denial(case, each, trouble)]
        limiting = list(_limiting(case, trouble))
        if denied:
            yield _cause(trouble, denied, limiting)


def _is_denial(case: Case, event: Located, trouble: Trouble) -> bool:
    record = event.record
    if not isinstance(record, Flow) or record.outcome is not Outcome.DENIED:
        return False
    peers = {name_of(each) for each in case.collector.pods.of(record.destination)}
    return bool(peers & {name_of(each) for each in trouble.peers})


def _limiting(case: Case, trouble: Trouble) -> Iterator[Placed]:
    """Policies of the destination's namespace that also decide about what comes in."""
    namespace = trouble.peers[0].namespace
    for each in case.objects.placed:
        manifest = each.manifest
        own = manifest.index in case.context.apis and manifest.ref.namespace == namespace
        scope = case.engine.scope
        if own and scope.is_policy(manifest) and scope.ingress(manifest):
            yield each


def _cause(trouble: Trouble, denied: list[Located], limiting: list[Placed]) -> Cause:
    names = ", ".join(title(each.manifest) for each in limiting)
    return Cause(
        id=ID,
        text=(
            f"egress of {trouble.source} to {trouble.shown} is allowed, and the destination "
            f"denies it: ingress of {trouble.peers[0].namespace} is limited"
            + (f" by {names}" if names else "")
        ),
        evidence=(
            *(each.shows("/spec", "it decides about ingress") for each in limiting[:3]),
            *lines_of(denied, "denied at the destination"),
        ),
        fix=f"allow ingress from {trouble.source} where the destination's policies are kept",
        weight=Weight.PROVEN + 8,
    )
