"""Render drawn values in this process, and walk through what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from support.paths import CHARTS
from transire.helm import Chart
from transire.yamlio import write

Object = Mapping[str, Any]


@cache
def chart(name: str) -> Chart:
    """One of the project's charts, loaded once."""
    return Chart.load(CHARTS / name)


def objects(name: str, values: Mapping[str, Any]) -> list[Object]:
    """What a chart renders from these values, through a file as Helm reads it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "values.yaml"
        path.write_text(write(values), "utf-8")
        return [each.body for each in chart(name).manifests(path)]


def walk(node: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a tree of YAML
    """Every key with its value, at any depth."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield key, value
            yield from walk(value)
    elif isinstance(node, list):
        for item in node:
            yield from walk(item)
