"""Rendering charts with real Helm, before any of them is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from transire.charts.chart import TARGETS, target_name
from transire.charts.layout import BASELINE, TIER, team_place
from transire.charts.release_size import release_size_problems
from transire.helm import HelmChoice, read_yaml, render
from transire.model.problems import Position, Problem, UsageError
from transire.pipeline.renderer import PLATFORM_NAMESPACE, RELEASE, Renderer
from transire.pipeline.stamp import Stamped
from transire.review.proof.rendered import Manifests, Objects


def render_stamped(stamped: Stamped, renderer: Renderer, places: Iterable[str]) -> Manifests:
    """Every target of some charts, as Helm renders it from the files to be written.

    Raises:
        HelmFailed: if Helm refuses one of them.
    """
    manifests: dict[tuple[str, str], str] = {}
    for place in places:
        files = stamped.chart(place).files
        names = {each: target_name(each) for each in sorted(files) if each.startswith(TARGETS)}
        own = {path: _namespace(place, name) for path, name in names.items()}
        for path, text in renderer.texts(files, own).items():
            manifests[place, names[path]] = text
    return manifests


def objects_in(manifests: Manifests) -> Objects:
    """The objects of every rendered text, as Helm's YAML reads them, with keys that stand twice.

    Raises:
        Rejected: if a rendering is not a stream of objects.
    """
    return {
        (place, name): read_yaml(text, f"charts/{place}", given=True)
        for (place, name), text in manifests.items()
    }


def too_big(stamped: Stamped, manifests: Manifests, at: Position) -> Iterator[Problem]:
    """A problem for each release of a chart to be written that a cluster could not keep."""
    for place in dict.fromkeys(place for place, _ in manifests):
        if place in stamped.charts:
            own = {name: text for (owner, name), text in manifests.items() if owner == place}
            yield from release_size_problems(stamped.charts[place], own, at)


def _namespace(place: str, name: str) -> str:
    """Where the release of a target is: the platform's, or the target's own namespace."""
    return PLATFORM_NAMESPACE if place in {BASELINE, TIER} else name.rpartition(".")[0]


def render_written(
    root: Path, team: str, target: str | None, helm: HelmChoice | None
) -> Iterator[tuple[str, str]]:
    """Name and manifest of the team's targets, from the charts that are on the disk.

    Each is rendered when it is taken.

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
    chosen = files if target is None else {target: files[target]}
    return _rendered(chart, place, chosen, helm)


def _rendered(
    chart: Path, place: str, files: Mapping[str, Path], helm: HelmChoice | None
) -> Iterator[tuple[str, str]]:
    for name, values in files.items():
        namespace = _namespace(place, name)
        yield name, render(chart, values, release=RELEASE, namespace=namespace, helm=helm)
