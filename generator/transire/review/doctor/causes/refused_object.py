"""An object is not in force: the API server refused or pruned it, or the engine ignores it."""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.policy_use import mentioned
from transire.review.doctor.troubles import Trouble, lines_of

ID = "object-refused"
WHETHER = "whether every object is in force as it was written"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Objects of the namespace, or of the cluster, that are refused, and fields that are gone."""
    refused: dict[int, list[Refused]] = {}
    for each in case.reading.refused:
        refused.setdefault(each.manifest, []).append(each)
    for placed in case.objects.placed:
        manifest = placed.manifest
        if not case.context.apis.get(manifest.index):
            continue
        if manifest.ref.namespace not in {"", case.namespace}:
            continue
        why = list(_why(case, placed, refused.get(manifest.index, [])))
        if why:
            yield from _ignored(case, placed, why)
        lost = [*case.context.pruned.get(manifest.index, ()), *case.context.lost[manifest.index]]
        if lost:
            yield from _pruned(case, placed, lost)


def _why(case: Case, placed: Placed, refused: list[Refused]) -> Iterator[Evidence]:
    status = case.facts.refused(placed.manifest)
    if status:
        yield placed.shows(status.at, f"Valid is False: {status.message}")
    for each in refused:
        if not case.engine.view.waits(each):
            yield placed.shows(each.path, each.why)


def _concerned(case: Case, placed: Placed) -> Iterator[Trouble]:
    """Troubles that would not be there if the object were in force."""
    for each in case.troubles:
        if case.is_open or (not case.lets(each) and mentioned(case, placed, each)):
            yield each


def _ignored(case: Case, placed: Placed, why: list[Evidence]) -> Iterator[Cause]:
    name = title(placed.manifest)
    trouble = next(_concerned(case, placed), None)
    if trouble is None and case.symptom.text:
        return
    events = trouble.events if trouble else ()
    yield Cause(
        id=ID,
        text=f"{name} is refused as a whole and not in force: {why[0].shows}",
        evidence=(
            *why,
            *lines_of(events, f"{trouble.shown if trouble else ''} is not let through"),
        ),
        fix=f"mend what the reason names, apply {name} again, and look at its status",
        weight=Weight.PROVEN + 14,
    )


def _pruned(case: Case, placed: Placed, lost: list[str]) -> Iterator[Cause]:
    name, fields = title(placed.manifest), ", ".join(dict.fromkeys(lost))
    for trouble in case.troubles:
        opened = case.is_open and case.lets(trouble) and _decides(case, placed.manifest, trouble)
        closed = not case.is_open and not case.lets(trouble) and mentioned(case, placed, trouble)
        if not (opened or closed):
            continue
        end = "which opens more than was written" if opened else "which the rest does not make up"
        yield Cause(
            id=ID,
            text=f"{name} was accepted without {fields}: the API server prunes it, {end}",
            evidence=(
                *(
                    placed.shows(path, "pruned: this release's API has no such field")
                    for path in lost
                ),
                *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}"),
            ),
            fix=f"write what this release has in place of {fields}, and validate strictly",
            weight=Weight.PROVEN + 14,
        )
        return


def _decides(case: Case, manifest: Manifest, trouble: Trouble) -> bool:
    found = case.decide(trouble)
    return (
        found is not None
        and found.decided_by is not None
        and (found.decided_by.object == manifest.ref)
    )
