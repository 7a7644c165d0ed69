"""The proof: what Helm renders allows exactly what the values mean, on every target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from transire.charts.layout import BASELINE, TIER, team_place
from transire.engines.registry import engine_of, read_objects, tiered
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.source_pods import Sources
from transire.k8s.manifests import Manifest
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.meaning.meaning import api_server_ports
from transire.meaning.target import Baseline, Lowered, Target, baseline_of
from transire.model.intent import Cluster, InCluster, Mode, SetFallback
from transire.model.problems import SETS, Problem, Unjudgeable
from transire.review.proof.by_rule import Allowed
from transire.review.proof.cluster_objects import ClusterObjects
from transire.review.proof.counter_example import Claim, counter_example, difference
from transire.review.proof.findings import (
    disproved,
    governing_ingress,
    left_out,
    misplaced,
    read_otherwise,
    touched,
)
from transire.review.proof.own_deny import beyond_enrolled, toothless
from transire.review.proof.rendered import Manifests, Objects


def shared_objects(compiled: Compiled, manifests: Manifests) -> Mapping[str, Shared]:
    """By cluster what all its targets have in common; of `manifests` the platform's are read."""
    platform = compiled.organisation.platform
    return {
        name: Shared(
            baseline=baseline_of(compiled.organisation, platform.cluster(name)),
            lowered=lowered,
            objects=_objects(platform.cluster(name), manifests),
        )
        for name, lowered in compiled.baselines.items()
    }


def prove_team(
    team: CompiledTeam, objects: Objects, shared: Mapping[str, Shared]
) -> Iterator[Problem]:
    """A problem for every target whose objects and values disagree; none means proved.

    A target's objects are judged together with its cluster's baseline and tier.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
    """
    place = team_place(team.team.name)
    for target in team.targets:
        own = objects[place, target.name]
        yield from _prove(target, team.lowered[target.name], own, shared[target.cluster.name])


def prove_platform(compiled: Compiled, shared: Mapping[str, Shared]) -> Iterator[Problem]:
    """The same for the baselines alone.

    A namespace that is enrolled without a team is a target of the baseline alone, and the baseline
    must leave every other namespace as it is.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
    """
    with_team = {
        (each.cluster, each.namespace)
        for team in compiled.organisation.teams
        for each in team.publications
    }
    for name, each in shared.items():
        for target in each.alone():
            if (name, target.namespace) not in with_team:
                yield from _prove(target, Lowered(values={}), (), each, alone=True)
        opened = list(_leaves_others_alone(each))
        yield from opened or beyond_enrolled(each.baseline, each.objects.of_baseline)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all targets of a cluster have in common: its baseline, lowered, and its objects."""

    baseline: Baseline
    lowered: Lowered
    objects: ClusterObjects

    @property
    def cluster(self) -> Cluster:
        """The cluster."""
        return self.baseline.cluster

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
                    everyone=self.baseline.everyone_in(namespace),
                    platform=replace(platform, in_cluster=InCluster.DECLARED),
                    at=self.cluster.at,
                )


def _prove(
    target: Target,
    lowered: Lowered,
    own: Sequence[Manifest],
    shared: Shared,
    *,
    alone: bool = False,
) -> Iterator[Problem]:
    with _placed(target):
        yield from _compared(target, lowered, own, shared, alone=alone)


@contextmanager
def _placed(target: Target) -> Iterator[None]:
    """Names the target, and where it is written, where sets of its flows cannot be compared.

    Raises:
        Unjudgeable: instead of one that names no object.
    """
    try:
        yield
    except Unjudgeable as error:
        if error.where != SETS:
            raise
        raise Unjudgeable(str(target.at), target.name, error.why) from error


def _compared(
    target: Target,
    lowered: Lowered,
    own: Sequence[Manifest],
    shared: Shared,
    *,
    alone: bool = False,
) -> Iterator[Problem]:
    objects = shared.objects.with_own(target.namespace, own)
    yield from misplaced(target, own, _kinds(target.cluster))
    yield from governing_ingress(target, objects)
    if not alone:
        yield from toothless(target, own)
    pods, ports = Sources(namespace=target.namespace), api_server_ports(target)
    reading = read_objects(objects, target.cluster)
    as_rendered = Allowed(reading=reading, pods=pods, api_server_ports=ports)
    yield from left_out(target, reading.refused, reading.pruned)
    yield from _read_otherwise(target, as_rendered, shared)
    got = as_rendered
    if target.mode is Mode.AUDIT:
        later = engine_of(target.cluster.release).enforced(objects)
        enforced = read_objects(later, target.cluster)
        got = Allowed(reading=enforced, pods=pods, api_server_ports=ports)
    for each in got.reading.others_fill(pods, _declared(target.cluster)):
        raise each.error()
    claim = Claim(
        target=target,
        lowered=lowered,
        baseline=shared.lowered,
        got=got,
        as_rendered=as_rendered,
        world=shared.objects.world,
        baseline_only=alone,
    )
    found = counter_example(claim)
    if found is not None:
        yield disproved(target, found, reading)


def _read_otherwise(target: Target, allowed: Allowed, shared: Shared) -> Iterator[Problem]:
    """A finding for each other reading of the objects that allows something else."""
    mine = PodSet.in_namespace(target.namespace)
    for other in allowed.reading.alternatives():
        there = replace(allowed, reading=other.reading)
        world = shared.objects.world
        if allowed.is_surely(there.products, world):
            continue
        flows = [(each.flows & world).restrict(source=mine) for each in (there, allowed)]
        found = difference(*flows)
        if found is not None:
            yield read_otherwise(target, found, other.where)


def _declared(cluster: Cluster) -> Mapping[str, str]:
    """The labels of sets to which the cluster hands its hosts; empty where it does not."""
    fallback = cluster.fallback
    return dict(fallback.labels) if isinstance(fallback, SetFallback) else {}


def _leaves_others_alone(shared: Shared) -> Iterator[Problem]:
    """A baseline changes nothing for pods of namespaces that are not enrolled."""
    cluster = shared.cluster
    enrolled = (*shared.baseline.enforce, *shared.baseline.audit)
    others = PodSet.everything() - PodSet.union(map(PodSet.in_namespace, enrolled))
    scope = shared.objects.world.restrict(source=others)
    without = read_objects((), cluster).flows(others, PortSet.nothing()) & scope
    reading = read_objects(shared.objects.all, cluster)
    for each in (reading, *(other.reading for other in reading.alternatives())):
        found = difference(each.flows(others, PortSet.nothing()) & scope, without)
        if found is not None:
            yield touched(cluster, found)
            return


def _objects(cluster: Cluster, manifests: Manifests) -> ClusterObjects:
    tier = manifests[TIER, cluster.name] if tiered(cluster.release) else ""
    return ClusterObjects(cluster=cluster, baseline=manifests[BASELINE, cluster.name], tier=tier)


def _kinds(cluster: Cluster) -> frozenset[tuple[str, str]]:
    kinds = engine_of(cluster.release).kinds(cluster.release)
    return frozenset((each.group, each.kind) for each in kinds.team)
