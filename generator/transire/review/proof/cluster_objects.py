"""Reading the objects of one target as its cluster's engine enforces them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from transire.charts.layout import BASELINE, TIER
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.helm import read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.world import world
from transire.model.intent import Cluster


@dataclass(frozen=True, kw_only=True)
class ClusterObjects:
    """The objects that all targets of a cluster have in common, read once.

    `baseline` and `tier` are what their charts render for the cluster, empty where it has none.
    """

    cluster: Cluster
    baseline: str = ""
    tier: str = ""

    @cached_property
    def of_baseline(self) -> tuple[Manifest, ...]:
        """Those of the baseline alone, numbered from 0."""
        return read_yaml(self.baseline, f"charts/{BASELINE}")

    @cached_property
    def all(self) -> tuple[Manifest, ...]:
        """Those of the baseline and then of the tier, numbered from 0."""
        first = len(self.of_baseline)
        return (*self.of_baseline, *read_yaml(self.tier, f"charts/{TIER}", start=first))

    @cached_property
    def _governed(self) -> tuple[tuple[Manifest, frozenset[str] | None], ...]:
        scope = engine_of(self.cluster.release).scope
        named = ((each, scope.namespaces(each)) for each in self.all)
        return tuple(
            (each if names is None else scope.narrowed(each), names) for each, names in named
        )

    @cached_property
    def world(self) -> FlowSet:
        """Every flow that can exist on the cluster."""
        engine = engine_of(self.cluster.release)
        return world(self.cluster, engine.traits(self.cluster))

    def about(self, namespace: str) -> list[Manifest]:
        """The objects as they are to pods of a namespace.

        Those whose selectors name only other namespaces are left out.
        """
        return [each for each, names in self._governed if names is None or namespace in names]

    def with_own(self, namespace: str, own: Sequence[Manifest]) -> tuple[Manifest, ...]:
        """The objects about a namespace and those of its team, numbered as one input."""
        numbered = [
            replace(each, index=index) for index, each in enumerate(own, start=len(self.all))
        ]
        return (*self.about(namespace), *numbered)
