"""What kubectl printed of a cluster, and what it cannot have shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from transire.commands.given_files import read_given
from transire.commands.verify.live_objects import Key
from transire.engines.api.admission import KUBERNETES_API
from transire.engines.api.policy_kinds import PolicyKinds
from transire.engines.registry import engine_of, widening_kinds
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import text
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.model.problems import Position, Problem, Rejected, UsageError

NOT_A_DUMP = "not-a-dump"
"""The id of every problem with what a server returned in place of objects."""
_NO_OBJECTS = {
    "Status": "is an error of the API server and no object",
    "Table": "is a table for people and no object",
    "PartialObjectMetadata": "is the metadata of an object without the rest",
}
_ADMISSION = "admissionregistration.k8s.io"
_GUARDS = ("validatingadmissionpolicies", "validatingadmissionpolicybindings")
_HELP = "give what `kubectl get RESOURCES -A -o yaml` prints once it ends with 0"


def read_dump(files: Sequence[Path]) -> tuple[Manifest, ...]:
    """The objects that a cluster has, as kubectl printed them.

    Raises:
        UsageError: if a file cannot be read.
        Rejected: if a document is no object, or what a server returns in place of one.
    """
    given = read_given(files).rendered()
    problems = [_problem(each) for each in given if _is_no_object(each)]
    if problems:
        raise Rejected(problems)
    return given


def _is_no_object(manifest: Manifest) -> bool:
    return manifest.ref.kind in _NO_OBJECTS and group_of(manifest) in {"", "meta.k8s.io"}


def _problem(manifest: Manifest) -> Problem:
    line, column = manifest.place("")
    reason = text(manifest.body, "message")
    what = f"{manifest.ref.kind} {_NO_OBJECTS[manifest.ref.kind]}"
    return Problem(
        at=Position(path=manifest.source, line=line, column=column),
        id=NOT_A_DUMP,
        message=f"{what}: {reason}" if reason else what,
        help=_HELP,
    )


def must_be_single(live: Iterable[Manifest], key: Callable[[Manifest], Key]) -> None:
    """Refuse input that has one object in two states.

    Raises:
        UsageError: if so.
    """
    for each, count in Counter(map(key, live)).items():
        if count > 1:
            where = "/".join(part for part in each[2:] if part)
            raise UsageError(f"{each[1]} {where} is in the input {count} times: give it once")


def coverage(
    given: Sequence[Manifest], live: Sequence[Manifest], release: Release
) -> Iterator[str]:
    """What the input cannot have shown, and what of it nobody judges, a sentence each."""
    engine = engine_of(release)
    known = {kind for api in engine.view.apis for kinds in api.kinds for kind in _names(kinds)}
    absent = sorted(known - {each.ref.kind for each in live})
    if absent:
        yield f"the input holds no {', '.join(absent)}: that counts as if the cluster had none"
    reserved = (*engine.admission.reserved, *engine.admission.beside)
    guarded = {(some.group, each) for some in reserved for each in some.resources}
    judged = {id(each.body) for each in live}
    for each in given:
        kind, group = each.ref.kind, group_of(each)
        can_widen = (group, _plural(kind)) in guarded or (group, kind) in widening_kinds()
        if can_widen and id(each.body) not in judged:
            yield f"not judged: {each.ref}, which can change what policies do"


def resources(release: Release) -> tuple[str, ...]:
    """What to get of a cluster, as `kubectl get` takes it, whether or not the cluster has it."""
    engine = engine_of(release)
    kinds = {each for api in engine.view.apis for each in api.kinds}
    policies = (
        f"{_plural(name)}.{each.group}"
        for each in sorted(kinds, key=lambda each: each.group)
        for name in sorted(_names(each))
    )
    shared = (
        f"{each}.{some.group}"
        for some in (*KUBERNETES_API, *engine.admission.beside)
        for each in some.resources
    )
    guards = (f"{each}.{_ADMISSION}" for each in _GUARDS)
    return tuple(dict.fromkeys((*policies, *shared, *guards, "pods")))


def _plural(kind: str) -> str:
    lower = kind.lower()
    return f"{lower[:-1]}ies" if lower.endswith("y") else f"{lower}s"


def _names(kinds: PolicyKinds) -> frozenset[str]:
    return kinds.policies | kinds.parts
