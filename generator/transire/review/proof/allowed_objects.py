"""What a chart of ours may render at all, whatever it allows.

A proof shows what policies allow. It does not see a note that keeps a tool from applying one, such
as `argocd.argoproj.io/hook: Skip` or an owner whose removal takes the policy along, nor, in the
platform's charts, an object that is no policy. Templates belong to the repository, so what they
render is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from transire.charts.layout import BASELINE, PART_OF, TIER
from transire.engines.api.kinds import Kind
from transire.engines.platform_kinds import ADMISSION_KINDS, CLUSTER_ROLES
from transire.engines.registry import engine_of
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest, Tree
from transire.meaning.compiled import Compiled
from transire.model.intent import Cluster
from transire.model.problems import Position, Problem
from transire.review.proof.own_metadata import OwnMetadata, of_metadata
from transire.review.proof.rendered import Objects
from transire.review.proof.tiers_and_sets import beside_the_tier

_METADATA = frozenset({"name", "namespace", "labels", "annotations"})
_LABELS = frozenset(
    {
        "app.kubernetes.io/name",
        PART_OF,
        "transire/layer",
        "transire/team",
        "transire/cluster",
        "transire/set",
    }
)
_ANNOTATIONS = frozenset({"transire/source", "argocd.argoproj.io/sync-wave"})
_OF_A_TIER = _ANNOTATIONS | {"argocd.argoproj.io/sync-options", "helm.sh/resource-policy"}


_ROLES = frozenset(each.kind for each in CLUSTER_ROLES)


def strange_objects(
    compiled: Compiled, objects: Objects, own: Mapping[str, OwnMetadata]
) -> Iterator[Problem]:
    """A problem for everything rendered that no chart of this release holds.

    `own` is what labels and annotations hold, by place; those of the tier are its chart's own. That
    a team's objects are of its kinds and in its namespace is checked by the proof.
    """
    platform = compiled.organisation.platform
    for (place, name), rendered in sorted(objects.items()):
        kinds = None
        if place in {BASELINE, TIER}:
            kinds = _platform_kinds(place, platform.cluster(name), admission=platform.admission)
        for each in rendered:
            for what in _strange(each, place, kinds, own.get(place)):
                yield _problem(place, name, each, what)
        if place == TIER:
            continue
        for each, what in _beside_the_tier(compiled, place, name, rendered):
            yield _problem(place, name, each, what)


def _problem(place: str, target: str, manifest: Manifest, what: str) -> Problem:
    return Problem(
        at=Position(path=f"charts/{place}"),
        id="strange-object",
        message=f"{target}: {manifest.ref} {what}",
        help="take it out of the templates, which `transire init --upgrade` renews",
    )


def _beside_the_tier(
    compiled: Compiled, place: str, name: str, rendered: Sequence[Manifest]
) -> Iterator[tuple[Manifest, str]]:
    """What is wrong with the policies and sets of a chart where the engine has tiers."""
    platform = compiled.organisation.platform
    cluster = platform.cluster(name if place == BASELINE else name.rpartition(".")[2])
    kinds = engine_of(cluster.release).kinds(cluster.release)
    if kinds.tier is not None:
        of_chart = kinds.baseline if place == BASELINE else kinds.team
        yield from beside_the_tier(rendered, of_chart, platform.tier.name)


def _platform_kinds(place: str, cluster: Cluster, *, admission: bool) -> tuple[Kind, ...]:
    kinds = engine_of(cluster.release).kinds(cluster.release)
    if place == TIER:
        return (*((kinds.tier,) if kinds.tier else ()), *CLUSTER_ROLES)
    return (*kinds.baseline, *(ADMISSION_KINDS if admission else ()))


def _strange(
    each: Manifest, place: str, kinds: tuple[Kind, ...] | None, own: OwnMetadata | None
) -> Iterator[str]:
    group = each.api_version.rpartition("/")[0]
    allowed = None if kinds is None else {(kind.group, kind.kind) for kind in kinds}
    if allowed is not None and (group, each.ref.kind) not in allowed:
        yield f"({each.api_version}) is no object that the chart is for"
        return
    for key in each.repeated:
        yield f"has {key} twice, of which some clients take the last and others none"
    notes = _OF_A_TIER if place == TIER and each.ref.kind not in _ROLES else _ANNOTATIONS
    yield from _unknown(inner(each.body, "metadata"), _METADATA, "metadata")
    yield from _unknown(of_metadata(each, "labels"), _LABELS, "label")
    yield from _unknown(of_metadata(each, "annotations"), notes, "annotation")
    yield from own.faults(each) if own else ()


def _unknown(found: Tree, allowed: frozenset[str], what: str) -> Iterator[str]:
    for key in sorted(map(str, found.keys() - allowed)):
        yield f"has the {what} {key}, which may keep it from being applied"
