"""Rendering what is planned with real Helm, before any of it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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

PLATFORM_NAMESPACE = "egress-system"
"""Where the releases of the platform's charts are kept."""


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
    renderer = Renderer.using(helm)
    namespaces = _namespaces(compiled)
    manifests: dict[tuple[str, str], str] = {}
    for place, files in planned.files.items():
        names = {each: _target_name(each) for each in sorted(files) if each.startswith(TARGETS)}
        own = {
            path: namespaces.get((place, name), PLATFORM_NAMESPACE) for path, name in names.items()
        }
        for path, text in renderer.texts(files, own).items():
            manifests[place, names[path]] = text
    _refuse_big(compiled, planned, manifests)
    return Rendered(manifests=manifests, helm=renderer.helm)


Shape = frozenset[tuple[str, bytes]]
"""Everything of a chart that its objects can depend on, besides a target's values."""

_OTHERS = frozenset({"Chart.yaml", "README.md"})
_IDENTITY = re.compile(
    rb"^(?:name|version|description): .*\n(?:# content sha256:.*\n)?", re.MULTILINE
)
_BEYOND_VALUES = re.compile(
    rb"\.(?:Chart|Files|Template|Release|Capabilities)\b|\b(?:lookup|tpl)\b|helm\.sh/hook"
)
"""What one loaded chart must not answer for many, and what Helm itself has words for."""


def _shape(files: Mapping[str, bytes]) -> Shape | None:
    """What charts have in common that render alike; None for a chart that is like no other.

    Charts of teams differ in their names and targets. Where no template asks for more than the
    values, as those of an earlier commit may, one loaded chart serves them all.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Renders charts from their files; those that render alike are loaded once."""

    helm: HelmChoice
    _loaded: dict[Shape, HelmChart] = field(default_factory=dict)

    @classmethod
    def using(cls, helm: HelmChoice | None) -> Renderer:
        """A renderer with that Helm, or with what is there.

        Raises:
            HelmFailed: if there is no Helm.
        """
        return cls(helm=helm or available())

    def texts(self, files: Mapping[str, bytes], namespaces: Mapping[str, str]) -> dict[str, str]:
        """What the chart renders for values files in it, by their path.

        Args:
            files: the chart's files, by path in it.
            namespaces: the paths of the values files, each with its release's namespace.

        Raises:
            HelmFailed: if Helm refuses.
        """
        shape = _shape(files) if self.helm == "sdk" else None
        if shape is not None and shape not in self._loaded:
            with staged(files) as folder:
                self._loaded[shape] = HelmChart.load(folder, helm=self.helm)
        with staged(files if shape is None else {each: files[each] for each in namespaces}) as at:
            return {
                path: self._own(at / path, at, namespace)
                if shape is None
                else self._quick(shape, files, at / path, namespace)
                for path, namespace in namespaces.items()
            }

    def _quick(self, shape: Shape, files: Mapping[str, bytes], values: Path, namespace: str) -> str:
        """The target's documents by a chart that renders alike, or Helm's own words why not."""
        try:
            return self._loaded[shape].text(values, release=RELEASE, namespace=namespace)
        except HelmFailed:
            with staged(files) as folder:
                return self._own(folder / TARGETS / values.name, folder, namespace)

    def _own(self, values: Path, folder: Path, namespace: str) -> str:
        return render(folder, values, release=RELEASE, namespace=namespace, helm=self.helm)


def _target_name(path: str) -> str:
    return path.removeprefix(TARGETS).removesuffix(".yaml")


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
        namespace = name.rpartition(".")[0] or PLATFORM_NAMESPACE
        yield name, render(chart, files[name], release=RELEASE, namespace=namespace, helm=helm)
