"""Every layer enforces on its own: what is lost with one object opens nothing.

A proof judges all objects together, and together they stay closed as long as one of them denies.
So each object is looked at by itself, as a cluster would have it once the others are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from transire.engines.registry import engine_of
from transire.k8s.manifests import Manifest
from transire.meaning.target import Baseline, Target
from transire.model.intent import Cluster, Mode
from transire.model.problems import Position, Problem
from transire.review.proof.findings import place_of

_HELP = "take the change out of the templates, which `transire init --upgrade` renews"


def toothless(target: Target, own: Sequence[Manifest]) -> Iterator[Problem]:
    """A finding for each policy of a target that does not deny the rest, and for no deny layer.

    In audit the objects count as they would be enforced.
    """
    release = target.cluster.release
    engine = engine_of(release)
    audit = target.mode is Mode.AUDIT
    held = engine.enforced(own) if audit else own
    where = place_of(target)
    staged_kinds = {each.kind for each in engine.kinds(release).team if each.staged}
    for each in held:
        staged = audit and each.ref.kind in staged_kinds
        if staged or (engine.scope.is_policy(each) and not engine.scope.denies(each)):
            how = "shows nothing of what it would do" if staged else "denies nothing by itself"
            yield _problem(where, "no-own-deny", f"{target.name}: {each.ref} {how}")
    if not _closed(target.cluster, held):
        message = f"{target.name}: no policy of the team denies every pod what is not allowed"
        yield _problem(where, "no-own-deny", message)


def _closed(cluster: Cluster, objects: Iterable[Manifest]) -> bool:
    scope = engine_of(cluster.release).scope
    return any(
        scope.is_policy(each) and scope.denies(each) and scope.selects_all(each) for each in objects
    )


def beyond_enrolled(baseline: Baseline, objects: Sequence[Manifest]) -> Iterator[Problem]:
    """A finding for each policy of a baseline that may govern more than it lists, and for gaps.

    Every policy lists the namespaces that it is for by name, and each enforced namespace has one
    that denies every pod what is not allowed.
    """
    cluster, scope = baseline.cluster, engine_of(baseline.cluster.release).scope
    enrolled = {*baseline.enforce, *baseline.audit}
    closed: set[str] = set()
    for each in objects:
        if not scope.is_policy(each):
            continue
        names = scope.namespaces(each)
        others = None if names is None else sorted(names - enrolled)
        if others is None or others:
            whom = "any namespace or node" if others is None else ", ".join(others)
            message = f"{cluster.name}: {each.ref} may govern {whom}, and the baseline is for its "
            yield _problem(
                cluster.at, "not-enrolled", f"{message}enrolled namespaces, listed by name"
            )
        elif scope.denies(each) and scope.selects_all(each):
            closed |= names or set()
    for name in sorted(set(baseline.enforce) - closed):
        message = f"{cluster.name}: no policy of the baseline denies every pod of {name} the rest"
        yield _problem(cluster.at, "no-own-deny", message)


def _problem(at: Position, rule: str, message: str) -> Problem:
    return Problem(at=at, id=rule, message=message, help=_HELP)
