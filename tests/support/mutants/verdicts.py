"""What becomes of manifests on one target, if they are not those that the charts render."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache, lru_cache

from support.engines.proofs import POLICY, Told, compiled_of, flows_of_objects, objects_of
from support.mutants.examples import Texts
from transire.charts.layout import BASELINE, TIER, team_place
from transire.flows.flow_set import FlowSet
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import Problem, ToolError
from transire.pipeline.examine import found_in_platform, found_in_team
from transire.pipeline.render import objects_in
from transire.review.proof.prove import shared_objects


class Verdict(Enum):
    """What becomes of other manifests."""

    CAUGHT = "found by check"
    SURVIVED = "other flows, and no finding"
    SAME_FLOWS = "other objects, the same flows"
    SAME_OBJECTS = "the same objects"


def findings(each: Told, texts: Texts, meant: Texts) -> Iterator[Problem]:
    """What `check` finds where the charts render these texts and those of the release `meant`.

    Raises:
        ToolError: as `check` does.
    """
    compiled = compiled_of(each)
    manifests = _placed(each, texts)
    shared = shared_objects(compiled, manifests)
    objects = objects_in(manifests)
    own = {key: found for key, found in objects.items() if key[0] not in {BASELINE, TIER}}
    platform = {key: found for key, found in objects.items() if key not in own}
    [team] = compiled.teams
    yield from found_in_team(compiled, team, own, shared)
    yield from found_in_platform(compiled, platform, objects_in(_placed(each, meant)), shared)


def _placed(each: Told, texts: Texts) -> dict[tuple[str, str], str]:
    target = each.target
    place = {POLICY: (team_place(target.team), target.name)}
    return {place.get(chart, (chart, target.cluster.name)): text for chart, text in texts.items()}


_Texts = tuple[tuple[str, str], ...]


def verdict_of(each: Told, before: Texts, after: Texts) -> Verdict:
    """What becomes of other manifests than those that the charts render."""
    return _verdict(each, tuple(before.items()), tuple(after.items()))


@cache
def _verdict(each: Told, before: _Texts, after: _Texts) -> Verdict:
    """Kept, as many mutants render the same."""
    if before == after:
        return Verdict.SAME_OBJECTS
    try:
        originals, objects = _objects(before), _objects(after)
        if _bodies(originals) == _bodies(objects):
            return Verdict.SAME_OBJECTS
        if next(findings(each, dict(after), dict(before)), None) is not None:
            return Verdict.CAUGHT
    except ToolError:
        return Verdict.CAUGHT
    same = all(
        _flows_before(each, before, enforced=enforced)
        == flows_of_objects(each.target, objects, enforced=enforced)
        for enforced in (False, True)
    )
    return Verdict.SAME_FLOWS if same else Verdict.SURVIVED


@lru_cache(maxsize=64)
def _objects(texts: _Texts) -> tuple[Manifest, ...]:
    return objects_of(dict(texts))


def _bodies(objects: Iterable[Manifest]) -> list[Tree]:
    return [each.body for each in objects]


@cache
def _flows_before(each: Told, before: _Texts, *, enforced: bool) -> FlowSet:
    """What the manifests mean that all mutants of a target are compared with."""
    return flows_of_objects(each.target, _objects(before), enforced=enforced)
