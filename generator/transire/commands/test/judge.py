"""Verdicts about targets as the values at hand render them, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from transire.charts.layout import BASELINE, TIER, team_place
from transire.commands.explain import Judge
from transire.commands.explain_cluster import cluster_of
from transire.commands.explain_subject import Subject
from transire.commands.explain_target import Namespaces, TargetFacts
from transire.engines.registry import engine_of, tiered
from transire.helm import HelmChoice, read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.target import Target
from transire.model.intent import Cluster
from transire.pipeline.renderer import PLATFORM_NAMESPACE, Renderer
from transire.pipeline.stamp import Stamped
from transire.queries.query import Decision, Query
from transire.review.expectations.tested import Tested
from transire.values.expected_targets import Placed

Decide = Callable[[Target, Query], Decision]
"""Gives the verdict about a flow of a target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedJudges:
    """What judges flows of targets; each target is rendered when it is first asked about."""

    stamped: Stamped
    renderer: Renderer
    judges: dict[str, Judge] = field(default_factory=dict)
    platform: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the platform's charts render for a cluster."""

    @classmethod
    def of(cls, stamped: Stamped, helm: HelmChoice | None) -> RenderedJudges:
        """Those of charts that are stamped.

        Raises:
            HelmFailed: if there is no Helm.
        """
        return cls(stamped=stamped, renderer=Renderer.using(helm))

    def decide(self, target: Target, query: Query) -> Decision:
        """The verdict of a target's objects; what cannot be judged is a verdict of its own.

        Raises:
            HelmFailed: if Helm refuses the target.
            NotModelled: if the engine's version is not modelled.
        """
        judge = self.judges.get(target.name)
        if judge is None:
            judge = self.judges[target.name] = judge_of(target, self._manifests(target))
        return judge.decide(query)

    def _manifests(self, target: Target) -> Iterator[Manifest]:
        """The objects of the target, and of its cluster's baseline and tier."""
        texts = list(self._platform(target.cluster))
        if target.team:
            files = self.stamped.chart(team_place(target.team)).files
            texts.insert(0, self.renderer.target(files, target.name, target.namespace))
        count = 0
        for text in texts:
            for manifest in read_yaml(text, target.name, start=count):
                count += 1
                yield manifest

    def _platform(self, cluster: Cluster) -> tuple[str, ...]:
        if cluster.name not in self.platform:
            places = [BASELINE, TIER] if tiered(cluster.release) else [BASELINE]
            self.platform[cluster.name] = tuple(
                self.renderer.target(
                    self.stamped.chart(place).files, cluster.name, PLATFORM_NAMESPACE
                )
                for place in places
            )
        return self.platform[cluster.name]


def judge_of(target: Target, manifests: Iterable[Manifest]) -> Judge:
    """What judges flows of a target by these objects, all that there is on its cluster.

    Raises:
        NotModelled: if the engine's version is not modelled.
    """
    cluster = target.cluster
    engine = engine_of(cluster.release)
    subject = Subject(
        manifests=tuple(manifests),
        release=cluster.release,
        options=engine.options(cluster),
        namespaces=Namespaces(
            cluster=cluster,
            facts={target.namespace: TargetFacts.of(target)},
            families=engine.family_options(cluster),
        ),
    )
    return Judge.of(subject, cluster_of(None, subject))


def tested(placed: Iterable[Placed], decide: Decide) -> tuple[Tested, ...]:
    """Every expectation with its verdict, in the order of the files.

    Raises:
        ToolError: what `decide` raises.
    """
    return tuple(
        Tested(
            expectation=each.expectation,
            target=each.target.name,
            cluster=each.target.cluster.name,
            decision=decide(each.target, each.expectation.query),
        )
        for each in placed
    )
