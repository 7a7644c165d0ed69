"""The platform's own objects: what guards policies and what they live in, held against its values.

A proof shows what policies allow. Whether anybody else may write them, whether their tier is
decided first, whether it is kept: that is in objects that allow nothing. For these, what the
platform's file means is what the charts of this release render from it, object by object, and
nothing beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from transire.engines.platform_kinds import ADMISSION_KINDS, CLUSTER_ROLES
from transire.engines.registry import engine_of
from transire.k8s.manifests import Manifest
from transire.model.intent import Cluster
from transire.model.problems import Position, Problem
from transire.review.proof.first_difference import first_difference

_HELP = (
    "take the change out of the templates: `transire init --upgrade` renews them and shows what "
    "it changes"
)


def bent_objects(
    place: str, cluster: Cluster, objects: Sequence[Manifest], meant: Sequence[Manifest]
) -> Iterator[Problem]:
    """A finding for each object that is no policy and not what the platform's file means.

    `meant` are the objects that the same chart of this release renders from the same values.
    """
    found, expected = _others(cluster, objects), _others(cluster, meant)
    at = Position(path=f"charts/{place}")
    for key in sorted({*found, *expected}):
        mine, theirs = found.get(key, []), expected.get(key, [])
        kind, name = key
        if len(mine) != len(theirs):
            how = "is missing" if len(mine) < len(theirs) else "is there besides"
            yield _problem(at, f"{cluster.name}: {kind} {name} {how}")
            continue
        for one, other in zip(mine, theirs, strict=True):
            differs = first_difference(one.body, other.body)
            if differs is not None:
                how = f"{differs.shown}, and its values mean {differs.wanted}"
                yield _problem(at, f"{cluster.name}: {one.ref} {how}")


def _others(
    cluster: Cluster, objects: Sequence[Manifest]
) -> Mapping[tuple[str, str], list[Manifest]]:
    """The objects of the platform's kinds, by kind and name.

    Policies are for the proof to judge, and an object of any other kind does not belong there.
    """
    tier = engine_of(cluster.release).kinds(cluster.release).tier
    kinds = (*ADMISSION_KINDS, *CLUSTER_ROLES, *((tier,) if tier else ()))
    guarded = {(each.group, each.kind) for each in kinds}
    found: dict[tuple[str, str], list[Manifest]] = {}
    for each in objects:
        group = each.api_version.rpartition("/")[0]
        if (group, each.ref.kind) in guarded:
            found.setdefault((each.ref.kind, each.ref.name), []).append(each)
    return found


def _problem(at: Position, message: str) -> Problem:
    return Problem(at=at, id="platform-object", message=message, help=_HELP)
