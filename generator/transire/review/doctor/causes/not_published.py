"""The cluster has not what was published: a sync that fails, waits, or is turned off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transire.k8s.json_pointer import inner, items, maps, text
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.policy_scope import own_namespace
from transire.k8s.typed_decoding import pointer
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import Placed, is_ours
from transire.review.doctor.troubles import Trouble, lines_of

ID = "not-published"
WHETHER = "whether the cluster has the revision that was published"
NEEDS = ("Application", "HelmRelease")
_APPLICATION = "Application"
_RECONCILED = (
    "HelmRelease",
    "HelmChart",
    "Kustomization",
    "OCIRepository",
    "HelmRepository",
    "GitRepository",
)
_RELEASE_NAME = "helm.toolkit.fluxcd.io/name"
_FAILED = frozenset({"Failed", "Error"})
_SYNC_FAILED = "SyncFailed"
_SHORT = 19
"""Characters of a digest that tell revisions apart."""


def find(case: Case) -> Iterator[Cause]:
    """What publishes to the namespace and has not succeeded, where policies explain the rest."""
    trouble = _unexplained(case)
    if trouble is None and case.symptom.text:
        return
    for each in case.objects.of(_APPLICATION):
        if _is_for_application(case, each):
            yield from _application(case, each, trouble)
    ready = [each for each in case.objects.of(*_RECONCILED) if _is_for_release(case, each)]
    found = [cause for each in ready for cause in _reconciled(case, each, trouble)]
    yield from _together(found)
    yield from _missing(case, trouble)


def _unexplained(case: Case) -> Trouble | None:
    """A trouble as the policies of the cluster have it: what is published may be different."""
    for each in case.troubles:
        if case.lets(each) is case.is_open:
            return each
    return None


def _is_for_application(case: Case, placed: Placed) -> bool:
    """Whether an Application is of the namespace, by where it goes or what it has."""
    body = placed.manifest.body
    if text(inner(body, "spec", "destination"), "namespace") == case.namespace:
        return True
    found = maps(inner(body, "status"), "resources", "")
    return any(text(each, "namespace") == case.namespace for _, each in found)


def _is_for_release(case: Case, placed: Placed) -> bool:
    """Whether a Flux object is of the namespace, by its target, its name or a policy's label."""
    manifest = placed.manifest
    spec = inner(manifest.body, "spec")
    target = text(spec, "targetNamespace") or text(spec, "storageNamespace")
    if case.namespace in {target, manifest.ref.namespace}:
        return True
    if case.namespace in manifest.ref.name.split("-"):
        return True
    names = {
        text(inner(each.manifest.body, "metadata", "labels"), _RELEASE_NAME)
        for each in case.objects.placed
        if own_namespace(each.manifest) == frozenset({case.namespace})
    } - {""}
    return any(name and name in manifest.ref.name for name in names)


def _application(case: Case, placed: Placed, trouble: Trouble | None) -> Iterator[Cause]:
    status = inner(placed.manifest.body, "status")
    sync = text(inner(status, "sync"), "status")
    state = inner(status, "operationState")
    phase = text(state, "phase")
    late = [
        (at, each)
        for at, each in maps(status, "resources", "/status")
        if text(each, "status") == "OutOfSync" or text(inner(each, "health"), "status") == "Missing"
    ]
    failed = list(_failed_resources(state))
    if sync == "Synced" and phase not in _FAILED and not late and not failed:
        return
    if not (sync or phase):
        return
    name = placed.manifest.ref.name
    names = ", ".join(dict.fromkeys(text(each, "name") for _, each in late))
    why = _why(state, failed)
    missing = f", so {names} is not there as published" if names else ""
    yield Cause(
        id=ID,
        text=(
            f"the cluster still has the older revision: the Application {name} is "
            f"{sync or phase}{why}{missing}"
        ),
        evidence=(
            placed.shows("/status/sync", f"{sync or 'not compared'}"),
            *(placed.shows(at, f"{text(each, 'name')} is {_state(each)}") for at, each in late[:3]),
            *(placed.shows(at, message) for at, message in failed[:3]),
            *_quota(case),
            *_history(placed),
            *_seen(trouble),
        ),
        fix=_fix(placed, failed),
        weight=Weight.ROOT if failed or phase in _FAILED else Weight.PROVEN + 13,
    )


def _state(resource: Tree) -> str:
    health = text(inner(resource, "health"), "status")
    return " and ".join(each for each in (text(resource, "status"), health) if each)


def _failed_resources(state: Tree) -> Iterator[tuple[str, str]]:
    result = inner(state, "syncResult")
    for at, each in maps(result, "resources", "/status/operationState/syncResult"):
        if text(each, "status") == _SYNC_FAILED:
            yield f"{at}/message", text(each, "message")


def _why(state: Tree, failed: list[tuple[str, str]]) -> str:
    if failed:
        return f" and its sync fails ({failed[0][1]})"
    message = text(state, "message")
    return (
        f" and its sync has not succeeded ({message})"
        if message and text(state, "phase") != "Succeeded"
        else " and waits for a sync"
    )


def _history(placed: Placed) -> Iterator[Evidence]:
    found = items(inner(placed.manifest.body, "status"), "history")
    if found:
        last = found[-1] if isinstance(found[-1], dict) else {}
        revision = text(last, "revision")[:_SHORT]
        when = text(last, "deployedAt")
        where = f"/status/history{pointer(str(len(found) - 1))}"
        yield placed.shows(where, f"what is deployed is {revision}, since {when}")


def _quota(case: Case) -> Iterator[Evidence]:
    for each in case.objects.of("ResourceQuota"):
        if each.manifest.ref.namespace != case.namespace:
            continue
        hard, used = (inner(each.manifest.body, "status", key) for key in ("hard", "used"))
        full = [key for key, value in hard.items() if key in used and used[key] == value]
        if full:
            yield each.shows("/status", f"{full[0]}: {used[full[0]]} of {hard[full[0]]} are used")


def _seen(trouble: Trouble | None) -> Iterator[Evidence]:
    if trouble:
        yield from lines_of(trouble.events, f"{trouble.shown} is {trouble.how}")


def _fix(placed: Placed, failed: list[tuple[str, str]]) -> str:
    name = placed.manifest.ref.name
    if any("quota" in message for _, message in failed):
        return f"raise the quota that the message names; then {name} syncs by itself, or sync it"
    return f"mend what keeps {name} from being applied, and let it sync"


def _reconciled(case: Case, placed: Placed, trouble: Trouble | None) -> Iterator[Cause]:
    body = placed.manifest.body
    kind, name = placed.manifest.ref.kind, placed.manifest.ref.name
    bad = [
        (at, each)
        for at, each in maps(inner(body, "status"), "conditions", "/status")
        if (text(each, "type") in {"Ready", "Released"} and text(each, "status") == "False")
        or (text(each, "type") == "Stalled" and text(each, "status") == "True")
    ]
    suspended = inner(body, "spec").get("suspend") is True
    if not bad and not suspended:
        yield from _older(case, placed, trouble)
        return
    message = text(bad[0][1], "message") if bad else ""
    why = f"is not ready ({message})" if bad else "is suspended"
    yield Cause(
        id=ID,
        text=(
            f"the cluster still has the older revision: the {kind} {name} {why}, so what was "
            "published is not applied"
        ),
        evidence=(
            *(placed.shows(at, text(each, "message") or text(each, "reason")) for at, each in bad),
            *([placed.shows("/spec/suspend", "suspended")] if suspended else []),
            *_quota(case),
            *_seen(trouble),
        ),
        fix=(
            f"resume {kind} {name}"
            if suspended and not bad
            else f"mend what the condition of {kind} {name} names; it is then applied by itself"
        ),
        weight=Weight.ROOT - (0 if bad else 3),
    )


def _together(found: list[Cause]) -> Iterator[Cause]:
    """What is not ready for one namespace is one cause: the objects wait for one another."""
    if not found:
        return
    found.sort(key=lambda each: -each.weight)
    reasons = [each.text.partition(": ")[2].partition(", so what was")[0] for each in found]
    yield replace(
        found[0],
        text=(
            f"the cluster still has the older revision: {'; '.join(dict.fromkeys(reasons))}, so "
            "what was published is not applied"
        ),
        evidence=tuple(dict.fromkeys(one for each in found for one in each.evidence)),
        fix="; ".join(dict.fromkeys(each.fix for each in found)),
    )


def _older(case: Case, placed: Placed, trouble: Trouble | None) -> Iterator[Cause]:
    """A release that attempted another revision than the one that is applied."""
    status = inner(placed.manifest.body, "status")
    tried, applied = text(status, "lastAttemptedRevision"), text(status, "lastAppliedRevision")
    if not tried or not applied or tried == applied:
        return
    ref = placed.manifest.ref
    del case
    yield Cause(
        id=ID,
        text=(
            f"the cluster still has the older revision: the {ref.kind} {ref.name} attempted "
            f"{tried} and has {applied} applied"
        ),
        evidence=(placed.shows("/status", f"{applied} is applied"), *_seen(trouble)),
        fix=f"look at the events of {ref.kind} {ref.name}, and let it reconcile",
        weight=Weight.ROOT - 4,
    )


def _missing(case: Case, trouble: Trouble | None) -> Iterator[Cause]:
    """Objects that our values come to, and that the cluster has not, or has otherwise."""
    if case.wanted is None or not any(is_ours(each.manifest) for each in case.objects.placed):
        return
    held = {each.manifest.ref: each for each in case.objects.placed}
    gone = [each.ref for each in case.wanted if each.ref not in held]
    other = [
        held[each.ref]
        for each in case.wanted
        if each.ref in held and not _is_same(case, each, held[each.ref].manifest)
    ]
    if not gone and not other:
        return
    missing = f"{', '.join(map(str, gone))} missing" if gone else ""
    changed = f"{', '.join(str(each.manifest.ref) for each in other)} different" if other else ""
    yield Cause(
        id=ID,
        text=(
            "the cluster has not what the values come to, so it is not (yet) published: "
            + "; ".join(each for each in (missing, changed) if each)
        ),
        evidence=(
            *(each.shows("/spec", "not as in the values") for each in other),
            *_seen(trouble),
        ),
        fix="publish the target, and let Argo CD or Flux apply it",
        weight=Weight.PROVEN + 13,
    )


def _is_same(case: Case, wanted: Manifest, held: Manifest) -> bool:
    """Whether two objects are the same but for what a server adds."""
    one, other = case.engine.kept(wanted).body, case.engine.kept(held).body
    return one.get("spec") == other.get("spec")
