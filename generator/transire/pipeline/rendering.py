"""Rendering what is planned with real Helm, before any of it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from transire.helm import Chart as HelmChart
from transire.helm import HelmChoice, available, render
from transire.model.problems import HelmFailed, Position, Problem, Rejected, UsageError
from transire.pipeline.compiling import Compiled
from transire.pipeline.planning import Planned
from transire.publish.changes import without_changes
from transire.publish.chart import TARGETS, Chart
from transire.publish.charts_at import BASELINE, TIER, team_place
from transire.publish.release_size import release_size_problems
from transire.publish.staging import staged

RELEASE = "egress"
"""The release name of every chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Manifest texts by the chart's place and the target's name, and which Helm made them."""

    manifests: Mapping[tuple[str, str], str]
    helm: HelmChoice


def render_planned(compiled: Compiled, planned: Planned, helm: HelmChoice | None) -> Rendered:
    """Every target of the planned charts, as Helm renders it from the files to be written.

    Raises:
        HelmFailed: if there is no Helm, or it refuses one of them.
        Rejected: if a release would be too big for a cluster to keep.
    """
    chosen = helm or available()
    manifests: dict[tuple[str, str], str] = {}
    namespaces = _namespaces(compiled)
    alike: dict[Shape, HelmChart] = {}
    for place, files in planned.files.items():
        shape = _shape(files) if chosen == "sdk" else None
        there = {} if shape in alike else files
        targets = {path: content for path, content in files.items() if path.startswith(TARGETS)}
        with staged({**there, **targets}) as folder:
            if shape is not None and shape not in alike:
                alike[shape] = HelmChart.load(folder, helm=chosen)
            for path in sorted(targets):
                name = path.removeprefix(TARGETS).removesuffix(".yaml")
                namespace = namespaces.get((place, name), "egress-system")
                manifests[place, name] = (
                    render(folder, folder / path, release=RELEASE, namespace=namespace, helm=chosen)
                    if shape is None
                    else _quick(alike[shape], files, folder / path, namespace)
                )
    _refuse_big(compiled, planned, manifests)
    return Rendered(manifests=manifests, helm=chosen)


Shape = frozenset[tuple[str, bytes]]
"""Everything of a chart that its objects can depend on, besides a target's values."""

_OTHERS = frozenset({"Chart.yaml", "README.md"})
_IDENTITY = re.compile(
    rb"^(?:name|version|description): .*\n(?:# content sha256:.*\n)?", re.MULTILINE
)
_BEYOND_VALUES = re.compile(
    rb"\.(?:Chart|Files|Template|Release|Capabilities)\b|\b(?:lookup|tpl)\b"
)


def _shape(files: Mapping[str, bytes]) -> Shape | None:
    """What charts have in common that render alike; None for a chart that is like no other.

    Charts of teams differ in their names and targets. Where no template asks for more than the
    values, one loaded chart serves them all.
    """
    templates = (content for path, content in files.items() if path.startswith("templates/"))
    if any(_BEYOND_VALUES.search(each) for each in templates):
        return None
    kept = {
        path: content
        for path, content in files.items()
        if path not in _OTHERS and not path.startswith(TARGETS)
    }
    chart = without_changes(files["Chart.yaml"])
    return frozenset({**kept, "Chart.yaml": _IDENTITY.sub(b"", chart)}.items())


def _quick(chart: HelmChart, files: Mapping[str, bytes], values: Path, namespace: str) -> str:
    """The target's documents by a chart that renders alike, or Helm's own words why not."""
    try:
        return chart.text(values, release=RELEASE, namespace=namespace)
    except HelmFailed:
        with staged(files) as folder:
            path = folder / TARGETS / values.name
            return render(folder, path, release=RELEASE, namespace=namespace, helm="sdk")


def _namespaces(compiled: Compiled) -> dict[tuple[str, str], str]:
    return {
        (team_place(each.team.name), target.name): target.namespace
        for each in compiled.teams
        for target in each.targets
    }


def _refuse_big(
    compiled: Compiled, planned: Planned, manifests: Mapping[tuple[str, str], str]
) -> None:
    problems = list(_too_big(compiled, planned, manifests))
    if problems:
        raise Rejected(problems)


def _too_big(
    compiled: Compiled, planned: Planned, manifests: Mapping[tuple[str, str], str]
) -> Iterator[Problem]:
    at = {team_place(each.team.name): each.team.at for each in compiled.teams}
    for place, each in planned.charts.items():
        chart = Chart(folder=f"charts/{place}", files=each.files)
        own = {name: text for (owner, name), text in manifests.items() if owner == place}
        where = at.get(place, Position(path=compiled.organisation.platform.path))
        yield from release_size_problems(chart, own, where)


def render_written(
    root: Path, team: str, target: str | None, helm: HelmChoice | None
) -> Iterator[tuple[str, str]]:
    """Name and manifest of the team's targets, from the charts that are on the disk.

    Raises:
        UsageError: if the chart or the target is not there.
        HelmFailed: if there is no Helm, or it refuses.
    """
    place = team if team in {BASELINE, TIER} else team_place(team)
    chart = root / "charts" / place
    files = {each.stem: each for each in sorted((chart / "targets").glob("*.yaml"))}
    if not files:
        raise UsageError(f"charts/{place} has no targets; run `transire generate` first")
    if target is not None and target not in files:
        known = ", ".join(files)
        raise UsageError(f"charts/{place} has no target {target!r}; it has {known}")
    for name in files if target is None else [target]:
        namespace = name.rpartition(".")[0] or "egress-system"
        yield name, render(chart, files[name], release=RELEASE, namespace=namespace, helm=helm)
