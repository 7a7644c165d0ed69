"""What the charts render for the example organisation has no traps."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from support import needs
from support.paths import ROOT
from support.review.linting import facts_of, shown
from transire.helm import available, read_yaml
from transire.k8s.manifests import Manifest
from transire.model.intent import Cluster
from transire.model.problems import HelmFailed
from transire.pipeline.compile import compile_values
from transire.pipeline.render import render_stamped
from transire.pipeline.renderer import Renderer
from transire.pipeline.stamp import stamp_charts
from transire.review.lint.registry import lint

CHARTS = ("egress-policy", "egress-baseline", "egress-tier")

NOTES = {"tier-not-given"}
"""What is said of a team's objects alone: the tier is a release of its own."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The objects of one chart and target, and the cluster that they are for."""

    name: str
    cluster: Cluster
    text: str

    def manifests(self, start: int = 0) -> tuple[Manifest, ...]:
        """The objects, counted from `start`."""
        return read_yaml(self.text, self.name, start=start)


def findings(
    manifests: tuple[Manifest, ...], cluster: Cluster, *, known: bool = True
) -> list[tuple[str, str]]:
    """Every finding; `known` says whether lint is told of the cluster's service ranges."""
    ranges = cluster.network.service_cidrs if known else ()
    facts = facts_of(manifests, cluster.release, ranges)
    found = lint(manifests, cluster.release, facts)
    return [(each.rule, f"{each.source}: {shown(each)}") for each in found]


@pytest.fixture(scope="module")
def renderings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rendering, ...]:
    try:
        helm = available()
    except HelmFailed:
        pytest.skip(needs.HELM)
    root = tmp_path_factory.mktemp("organisation")
    shutil.copytree(ROOT / "values", root / "values", ignore=shutil.ignore_patterns(".schema"))
    for chart in CHARTS:
        ignored = shutil.ignore_patterns("targets")
        shutil.copytree(ROOT / "charts" / chart, root / "charts" / chart, ignore=ignored)
    compiled = compile_values(root)
    clusters = {each.name: each for each in compiled.organisation.platform.clusters}
    stamped = stamp_charts(root, compiled)
    manifests = render_stamped(stamped, Renderer.using(helm), stamped.charts)
    return tuple(
        Rendering(f"{place}/{name}", clusters[name.rpartition(".")[2]], text)
        for (place, name), text in manifests.items()
    )


def by_cluster(renderings: tuple[Rendering, ...]) -> Mapping[str, list[Rendering]]:
    found: defaultdict[str, list[Rendering]] = defaultdict(list)
    for each in renderings:
        found[each.cluster.name].append(each)
    return found


def test_all_that_a_cluster_gets_has_no_finding(renderings: tuple[Rendering, ...]) -> None:
    engines = set()
    for each in by_cluster(renderings).values():
        manifests: tuple[Manifest, ...] = ()
        for one in each:
            manifests += one.manifests(start=len(manifests))
        engines.add(each[0].cluster.release.engine)

        assert findings(manifests, each[0].cluster) == []
        assert findings(manifests, each[0].cluster, known=False) == []

    assert len(engines) == 4


def test_what_one_target_gets_has_documented_notes_alone(
    renderings: tuple[Rendering, ...],
) -> None:
    for each in renderings:
        found = findings(each.manifests(), each.cluster)

        assert [text for rule, text in found if rule not in NOTES] == []
