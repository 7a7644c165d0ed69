"""The proof: what Helm renders allows exactly what the values say, on every target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from transire.engines.registry import ENGINES, flows_of
from transire.helm import read_yaml
from transire.model.cluster import ClusterState
from transire.model.flows import FlowSet
from transire.model.governed import governed_namespaces, narrowed_to
from transire.model.intent import Cluster, InCluster, Mode
from transire.model.manifests import Manifest
from transire.model.meaning import api_server_ports, world
from transire.model.ports import PortSet
from transire.model.problems import Problem
from transire.model.promotion import promoted
from transire.model.query import Reading
from transire.model.selectors import PodSet
from transire.model.target import Baseline, Lowered, Target, baseline_of, needs_tier
from transire.pipeline.compiling import Compiled
from transire.publish.charts_at import BASELINE, TIER, team_place
from transire.publish.policy_kinds import team_kinds
from transire.review.proof import Claim, counter_example, difference
from transire.review.proof_findings import (
    disproved,
    governing_ingress,
    left_out,
    misplaced,
    touched,
)

Manifests = Mapping[tuple[str, str], str]
"""Rendered text by the chart's place and the target's name."""


def prove(compiled: Compiled, manifests: Manifests) -> Iterator[Problem]:
    """A problem for every target whose objects and values disagree; none means proved.

    A target's objects are judged together with its cluster's baseline and tier. A namespace that
    is enrolled without a team is a target of the baseline alone, and the baseline must leave every
    other namespace as it is.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
    """
    organisation = compiled.organisation
    clusters = {
        name: _Shared(
            baseline=baseline_of(organisation, organisation.platform.cluster(name)),
            lowered=lowered,
            manifests=manifests,
        )
        for name, lowered in compiled.baselines.items()
    }
    for team in compiled.teams:
        place = team_place(team.team.name)
        for target in team.targets:
            own = read_yaml(manifests[place, target.name], f"charts/{place}")
            lowered = team.lowered[target.name]
            yield from _prove(target, lowered, own, clusters[target.cluster.name])
    with_team = {
        (each.cluster, each.namespace) for team in organisation.teams for each in team.publications
    }
    for name, shared in clusters.items():
        for target in shared.alone():
            if (name, target.namespace) not in with_team:
                yield from _prove(target, Lowered(values={}), (), shared, alone=True)
        yield from _leaves_others_alone(shared)


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """The objects that all targets of a cluster have in common, read once."""

    baseline: Baseline
    lowered: Lowered
    manifests: Manifests

    @property
    def cluster(self) -> Cluster:
        return self.baseline.cluster

    @cached_property
    def objects(self) -> tuple[Manifest, ...]:
        """Those of the baseline and of the tier, numbered from 0."""
        found: list[Manifest] = []
        for place in (BASELINE, TIER) if needs_tier(self.cluster.release) else (BASELINE,):
            text = self.manifests[place, self.cluster.name]
            found += read_yaml(text, f"charts/{place}", start=len(found))
        return tuple(found)

    @cached_property
    def _governed(self) -> tuple[tuple[Manifest, frozenset[str] | None], ...]:
        return tuple((each, governed_namespaces(each)) for each in self.objects)

    @cached_property
    def world(self) -> FlowSet:
        """Every flow that can exist on the cluster."""
        return world(self.cluster)

    def about(self, namespace: str) -> list[Manifest]:
        """The objects without those that say by name that they are for other namespaces."""
        return [
            each if names is None else narrowed_to(each, namespace)
            for each, names in self._governed
            if names is None or namespace in names
        ]

    def alone(self) -> Iterator[Target]:
        """Each enrolled namespace as a target without rules of its own."""
        platform = self.baseline.platform
        for mode, names in (
            (Mode.ENFORCE, self.baseline.enforce),
            (Mode.AUDIT, self.baseline.audit),
        ):
            for namespace in names:
                yield Target(
                    team="",
                    team_path=platform.path,
                    namespace=namespace,
                    cluster=self.cluster,
                    mode=mode,
                    rules=(),
                    everyone=self.baseline.everyone,
                    platform=replace(platform, in_cluster=InCluster.DECLARED),
                    at=self.cluster.at,
                )


def _prove(
    target: Target,
    lowered: Lowered,
    own: Sequence[Manifest],
    shared: _Shared,
    *,
    alone: bool = False,
) -> Iterator[Problem]:
    numbered = [
        replace(each, index=index) for index, each in enumerate(own, start=len(shared.objects))
    ]
    objects = (*shared.about(target.namespace), *numbered)
    yield from misplaced(target, own, _kinds(target.cluster))
    yield from governing_ingress(target, objects)
    pods, ports = PodSet.in_namespace(target.namespace), api_server_ports(target)
    reading = _reading(objects, target.cluster)
    as_rendered = flows_of(reading, pods, ports)
    yield from left_out(target, reading.refused, reading.pruned)
    got = as_rendered
    if target.mode is Mode.AUDIT:
        enforced = [promoted(each) for each in objects]
        got = flows_of(_reading(enforced, target.cluster), pods, ports)
    claim = Claim(
        target=target,
        lowered=lowered,
        baseline=shared.lowered,
        got=got,
        as_rendered=as_rendered,
        world=shared.world,
        baseline_only=alone,
    )
    found = counter_example(claim)
    if found is not None:
        yield disproved(target, found, reading)


def _leaves_others_alone(shared: _Shared) -> Iterator[Problem]:
    """A baseline changes nothing for pods of namespaces that are not enrolled."""
    cluster = shared.cluster
    enrolled = (*shared.baseline.enforce, *shared.baseline.audit)
    others = PodSet.everything() - PodSet.union(map(PodSet.in_namespace, enrolled))
    scope = shared.world.restrict(source=others)
    with_ours, without = (
        flows_of(_reading(objects, cluster), others, PortSet.nothing()) & scope
        for objects in (shared.objects, ())
    )
    found = difference(with_ours, without)
    if found is not None:
        yield touched(cluster, found)


def _reading(objects: Iterable[Manifest], cluster: Cluster) -> Reading:
    engine = ENGINES[cluster.release.engine]
    return engine.read(tuple(objects), cluster.release, ClusterState(), dict(cluster.agent))


def _kinds(cluster: Cluster) -> frozenset[tuple[str, str]]:
    return frozenset((each.group, each.kind) for each in team_kinds(cluster.release))
