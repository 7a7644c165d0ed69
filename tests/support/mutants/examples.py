"""Example targets with what the charts render for them, also with files of a chart replaced."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import helm_python

from support.engines.example_targets import example_targets
from support.engines.proofs import Told, told
from support.paths import CHARTS
from transire.helm import Request
from transire.helm.sdk import from_archive, is_notes, read, templates
from transire.yamlio import write

Texts = Mapping[str, str]
"""What charts render, by the chart's name."""

NAMESPACE = "payments-prod"


@cache
def chart_files(chart: str) -> Mapping[str, bytes]:
    """The files of a chart from which Helm renders, but for its schema."""
    folder = CHARTS / chart
    paths = [folder / "Chart.yaml", folder / "values.yaml", *sorted(folder.glob("templates/*"))]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def packed(files: Mapping[str, bytes]) -> bytes:
    """An archive of a chart that Helm can load."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"chart/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(held.getvalue(), compresslevel=1, mtime=0)


@lru_cache(maxsize=8)
def loaded(archive: bytes) -> helm_python.Chart:
    """The chart of an archive.

    Raises:
        HelmFailed: if Helm refuses it.
    """
    return from_archive(archive, Request(chart=Path("chart"), namespace=NAMESPACE))


def text_of(each: Told, chart: str, archive: bytes) -> str:
    """What the chart of an archive renders for a target.

    Raises:
        HelmFailed: if Helm refuses.
    """
    request = Request(chart=Path(chart), namespace=NAMESPACE)
    found = templates(loaded(archive), _values(each, chart), request)
    return "\n---\n".join(text for path, text in sorted(found.items()) if not is_notes(path))


@cache
def _values(each: Told, chart: str) -> dict[str, Any]:
    """Values as Helm reads them."""
    return read(write(each.values[chart]))


def texts_with(each: Told, charts: Iterable[str], replaced: Mapping[str, bytes]) -> dict[str, str]:
    """The manifests of these charts, with files replaced.

    Raises:
        HelmFailed: if Helm refuses.
    """
    return {name: text_of(each, name, packed({**chart_files(name), **replaced})) for name in charts}


@cache
def _told_of(engine: str) -> tuple[Told, ...]:
    return tuple(map(told, example_targets()[engine]))


@cache
def _originals(engine: str) -> tuple[Texts, ...]:
    return tuple(texts_with(each, each.values, {}) for each in _told_of(engine))


def told_and_rendered(engine: str) -> list[tuple[Told, Texts]]:
    """The engine's example targets with the manifests of their charts."""
    return list(zip(_told_of(engine), _originals(engine), strict=True))
