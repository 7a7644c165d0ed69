"""Rendering charts that are only files yet, each in the shortest way that gives Helm's own text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from transire.charts.chart import TARGETS
from transire.charts.staged_folder import staged
from transire.charts.versions.change_list import without_changes
from transire.helm import Chart as HelmChart
from transire.helm import HelmChoice, available, read_yaml, render
from transire.model.problems import HelmFailed

RELEASE = "egress"
"""The release name of every chart."""

PLATFORM_NAMESPACE = "egress-system"
"""Where the releases of the platform's charts are kept."""


Shape = frozenset[tuple[str, bytes]]
"""Everything of a chart that its objects can depend on, besides a target's values."""

_OTHERS = frozenset({"Chart.yaml", "README.md"})
_IDENTITY = re.compile(
    rb"^(?:name|version|description): .*\n(?:# content sha256:.*\n)?", re.MULTILINE
)
_BEYOND_VALUES = re.compile(
    rb"\.(?:Chart|Files|Template|Release|Capabilities)\b|\b(?:lookup|tpl)\b|helm\.sh/hook"
)
"""What one loaded chart must not render for many, and what Helm itself reports."""


def _shape(files: Mapping[str, bytes]) -> Shape | None:
    """What charts have in common that render alike; None for a chart that is like no other.

    Charts of teams differ in their names and targets. Where no template reads more than the
    values, as those of an earlier commit may, one loaded chart serves them all.
    """
    templates = (content for path, content in files.items() if path.startswith("templates/"))
    if any(map(_goes_beyond_values, templates)):
        return None
    kept = {
        path: content
        for path, content in files.items()
        if path not in _OTHERS and not path.startswith(TARGETS)
    }
    chart = without_changes(files["Chart.yaml"])
    return frozenset({**kept, "Chart.yaml": _IDENTITY.sub(b"", chart)}.items())


@lru_cache(maxsize=256)
def _goes_beyond_values(template: bytes) -> bool:
    return _BEYOND_VALUES.search(template) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Renders charts from their files; those that render alike are loaded once."""

    helm: HelmChoice
    _loaded: dict[Shape, HelmChart | None] = field(default_factory=dict)
    """By shape; None where installing for real gives another text, so only that way counts."""

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
        shape = _shape(files) if self.helm == "sdk" and namespaces else None
        loaded = (
            None if shape is None else self._chart(shape, files, *next(iter(namespaces.items())))
        )
        if loaded is not None:
            return {
                path: self._quick(loaded, files, path, namespace)
                for path, namespace in namespaces.items()
            }
        with staged(files) as folder:
            return {
                path: self._own(folder, path, namespace) for path, namespace in namespaces.items()
            }

    def target(self, files: Mapping[str, bytes], name: str, namespace: str) -> str:
        """What the chart renders for one target; empty where it does not have it.

        Raises:
            HelmFailed: if Helm refuses.
        """
        path = f"{TARGETS}{name}.yaml"
        return self.texts(files, {path: namespace})[path] if path in files else ""

    def _chart(
        self, shape: Shape, files: Mapping[str, bytes], path: str, namespace: str
    ) -> HelmChart | None:
        """The chart that serves all of its shape, once it gave for one what installing gives."""
        if shape not in self._loaded:
            with staged(files) as folder:
                chart = HelmChart.load(folder, helm=self.helm)
                installed = self._own(folder, path, namespace)
                quick = self._quick(chart, files, path, namespace)
            self._loaded[shape] = chart if _same_objects(installed, quick) else None
        return self._loaded[shape]

    def _quick(
        self, loaded: HelmChart, files: Mapping[str, bytes], path: str, namespace: str
    ) -> str:
        """The target's documents by a chart that renders alike, or Helm's own error."""
        try:
            return loaded.text(
                loaded.directory / path, content=files[path], release=RELEASE, namespace=namespace
            )
        except HelmFailed:
            with staged(files) as folder:
                return self._own(folder, path, namespace)

    def _own(self, folder: Path, path: str, namespace: str) -> str:
        return render(folder, folder / path, release=RELEASE, namespace=namespace, helm=self.helm)


def _same_objects(one: str, other: str) -> bool:
    """Whether two renderings hold the same objects, in whatever order."""
    if one == other:
        return True
    return _objects(one) == _objects(other)


def _objects(text: str) -> list[str]:
    return sorted(json.dumps(each.body, sort_keys=True) for each in read_yaml(text, "rendered"))
