"""An entry has ended, or the policy that let something through is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from transire.flowlogs.located import Located
from transire.k8s.json_pointer import inner, maps, text
from transire.k8s.typed_decoding import pointer
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.policy_use import mentioned
from transire.review.doctor.troubles import How, Trouble, flow, lines_of

ID = "entry-ended"
WHETHER = "whether an entry has ended"
NEEDS = ()
_END = re.compile(r"expir|until|valid-?to|ends?(?:-|$)|not-?after|ttl", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?")


def find(case: Case) -> Iterator[Cause]:
    """Ends that have passed, and policies that let the same through before and are gone."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if case.lets(trouble):
            continue
        yield from _dated(case, trouble)
        yield from _gone(case, trouble)
        yield from _pruned(case, trouble)


def _dated(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """Objects with a date of their end before the first denial."""
    now = trouble.first or case.seen.last
    for placed in case.objects.placed:
        if placed.manifest.ref.namespace not in {"", case.namespace} and not mentioned(
            case, placed, trouble
        ):
            continue
        for at, key, end in _ends(placed):
            when = _moment(end)
            past = when is not None and now is not None and when <= now
            if past and (mentioned(case, placed, trouble) or _names(case, placed, trouble)):
                yield Cause(
                    id=ID,
                    text=(
                        f"the entry for {trouble.shown} has ended: {placed.manifest.ref} has "
                        f"{key} {end}, which has passed, and what it allowed has expired"
                    ),
                    evidence=(
                        placed.shows(at, f"{key} is {end}"),
                        *lines_of(trouble.events, f"{trouble.shown} is denied since"),
                    ),
                    fix="renew the entry with a later end, if it is still needed, and publish it",
                    weight=Weight.PROVEN + 13,
                )


def _names(case: Case, placed: Placed, trouble: Trouble) -> bool:
    """Whether an annotation names the destination."""
    del case
    notes = inner(placed.manifest.body, "metadata", "annotations")
    return any(host in str(value) for host in trouble.hosts for value in notes.values())


def _ends(placed: Placed) -> Iterator[tuple[str, str, str]]:
    for part in ("annotations", "labels"):
        for key, value in inner(placed.manifest.body, "metadata", part).items():
            found = _DAY.search(value) if isinstance(value, str) else None
            if found and _END.search(key.rpartition("/")[2]):
                yield f"/metadata/{part}{pointer(key)}", key, found[0]


def _moment(written: str) -> float | None:
    """When an end is past: at its time, or when its day is over."""
    try:
        if "T" in written:
            return datetime.fromisoformat(written).timestamp()
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC).timestamp()


def _gone(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """Policies by which the destination passed before, and which the cluster has no longer."""
    first = trouble.first
    for before in case.all_troubles:
        if before.how is not How.PASSED or not _is_same(before, trouble):
            continue
        if first is None or before.first is None or before.first >= first:
            continue
        for event in before.events:
            for policy in flow(event).policies:
                name = policy.name.rpartition(".")[2]
                held = any(
                    each.manifest.ref.name in {policy.name, name}
                    and each.manifest.ref.namespace in {policy.namespace, ""}
                    for each in case.objects.placed
                )
                if policy.name and not held:
                    shown = f"{policy.namespace}/{policy.name}".strip("/")
                    yield _removed(trouble, shown, event)
                    return


def _pruned(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """Policies that the last sync took away, since nothing published has them any more."""
    for placed in case.objects.of("Application"):
        state = inner(placed.manifest.body, "status", "operationState")
        at = "/status/operationState/syncResult"
        for where, each in maps(inner(state, "syncResult"), "resources", at):
            own = text(each, "namespace") in {"", case.namespace}
            name = text(each, "name")
            known = any(held.manifest.ref.name == name for held in case.objects.placed)
            if text(each, "status") == "Pruned" and own and not known:
                when = text(state, "finishedAt")
                yield Cause(
                    id=ID,
                    text=(
                        f"{text(each, 'kind')} {name} was taken away by the sync of "
                        f"{when} (pruned): its entry has ended (expired) or was removed, and "
                        f"{trouble.shown} is denied since"
                    ),
                    evidence=(
                        placed.shows(where, text(each, "message") or "pruned"),
                        *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
                    ),
                    fix="renew the entry with a later end, if it is still needed, and publish it",
                    weight=Weight.SHOWN + 9,
                )


def _is_same(before: Trouble, trouble: Trouble) -> bool:
    if before.port != trouble.port:
        return False
    if set(before.hosts) & set(trouble.hosts):
        return True
    return bool(before.address) and before.address == trouble.address


def _removed(trouble: Trouble, policy: str, event: Located) -> Cause:
    return Cause(
        id=ID,
        text=(
            f"{policy}, which let {trouble.shown} through before, is gone from the cluster: its "
            "entry has ended (expired) or was removed"
        ),
        evidence=(
            *lines_of((event,), f"let through by {policy}"),
            *lines_of(trouble.events, "denied from then on"),
        ),
        fix="renew the entry with a later end, if it is still needed, and publish it",
        weight=Weight.PROVEN + 10,
    )
