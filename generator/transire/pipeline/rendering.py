"""Rendering what is planned with real Helm, before any of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from transire.helm import HelmChoice, render
from transire.model.problems import Position, Problem, Rejected, UsageError
from transire.pipeline.compiling import Compiled
from transire.pipeline.planning import Planned
from transire.pipeline.renderer import PLATFORM_NAMESPACE, RELEASE, Renderer
from transire.publish.chart import TARGETS, Chart
from transire.publish.charts_at import BASELINE, TIER, team_place
from transire.publish.release_size import release_size_problems


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
