"""The proof: what Helm renders allows exactly what the values say, on every target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.engines.registry import ENGINES, flows_of
from transire.helm import read_yaml
from transire.model.cluster import ClusterState
from transire.model.engine import Release
from transire.model.flows import FlowSet
from transire.model.intent import Cluster, Mode
from transire.model.manifests import Manifest
from transire.model.meaning import api_server_ports
from transire.model.problems import Problem
from transire.model.promotion import promoted
from transire.model.query import Reading
from transire.model.selectors import PodSet
from transire.model.target import Lowered, Target, needs_tier
from transire.pipeline.compiling import Compiled, CompiledTeam
from transire.publish.charts_at import BASELINE, TIER, team_place
from transire.review.proof import Claim, counter_example
from transire.review.proof_findings import disproved, left_out

Manifests = Mapping[tuple[str, str], str]
"""Rendered text by the chart's place and the target's name."""


def prove(compiled: Compiled, manifests: Manifests) -> Iterator[Problem]:
    """A problem for every target whose objects and values disagree; none means proved.

    A target's objects are judged together with its cluster's baseline and tier.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
    """
    shared = _Shared(manifests=manifests, baselines=compiled.baselines)
    for team in compiled.teams:
        for target in team.targets:
            yield from _prove(team, target, shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """The objects that all targets of a cluster have in common, read once."""

    manifests: Manifests
    baselines: Mapping[str, Lowered]

    def of(self, cluster: Cluster, start: int) -> tuple[Manifest, ...]:
        found: list[Manifest] = []
        for place in (BASELINE, TIER) if needs_tier(cluster.release) else (BASELINE,):
            text = self.manifests[place, cluster.name]
            found += read_yaml(text, f"charts/{place}", start=start + len(found))
        return tuple(found)


def _prove(team: CompiledTeam, target: Target, shared: _Shared) -> Iterator[Problem]:
    place = team_place(team.team.name)
    own = read_yaml(shared.manifests[place, target.name], f"charts/{place}")
    objects = (*own, *shared.of(target.cluster, len(own)))
    reading, as_rendered = _read(objects, target)
    yield from left_out(target, reading.refused, reading.pruned)
    got = as_rendered
    if target.mode is Mode.AUDIT:
        _, got = _read([promoted(each) for each in objects], target)
    claim = Claim(
        target=target,
        lowered=team.lowered[target.name],
        baseline=shared.baselines[target.cluster.name],
        got=got,
        as_rendered=as_rendered,
    )
    found = counter_example(claim)
    if found is not None:
        yield disproved(target, found, reading)


def _read(objects: Iterable[Manifest], target: Target) -> tuple[Reading, FlowSet]:
    cluster = target.cluster
    reading = _reading(tuple(objects), cluster.release, dict(cluster.agent))
    pods = PodSet.in_namespace(target.namespace)
    return reading, flows_of(reading, pods, api_server_ports(target))


def _reading(
    objects: tuple[Manifest, ...], release: Release, options: Mapping[str, str]
) -> Reading:
    return ENGINES[release.engine].read(objects, release, ClusterState(), options)
