"""How big the record of a Helm release becomes, before a cluster refuses it.

Helm keeps every release as a Secret: the chart with all its files, the values and the manifest as
JSON, compressed by gzip, in base64 (Helm's `pkg/storage/driver/util.go`). Kubernetes refuses a
Secret of more than 1 MiB, and an upgrade that cannot be recorded fails. All targets' values ride
along in every release of a team, so a chart grows with its targets.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping

from transire.charts.chart import TARGETS, Chart, target_name
from transire.charts.versions.change_list import MAX_TEXT
from transire.model.problems import Position, Problem

LIMIT = 900 * 1024
"""Bytes that a release may take: under Kubernetes' 1 MiB, with room for what a cluster adds."""

_ALWAYS = 4096 + MAX_TEXT
"""More bytes than the rest of a record takes: names, dates, version and list of changes."""


def release_size_problems(
    chart: Chart, manifests: Mapping[str, str], at: Position
) -> Iterator[Problem]:
    """A problem at `at` if the greatest release of the chart, once it has a version, is too big.

    `manifests` holds what Helm renders for each target; one that is missing counts as nothing.
    """
    names = [path for path in chart.files if path.startswith(TARGETS)]
    sizes = {path: _bound(chart, path, _manifest(manifests, path)) for path in names}
    if not sizes or max(sizes.values()) <= LIMIT:
        return
    size, path = max((_size(chart, path, _manifest(manifests, path)), path) for path in names)
    if size > LIMIT:
        yield Problem(
            at=at,
            id="release-too-big",
            message=f"the Helm release of {chart.folder}/{path} takes {-(-size // 1024)} KiB as a "
            f"Secret, and {LIMIT // 1024} KiB is the most that is safe",
            help="reach fewer hosts or publish to fewer clusters: the values of every target "
            "travel in each release",
        )


def _manifest(manifests: Mapping[str, str], path: str) -> str:
    return manifests.get(target_name(path), "")


def _bound(chart: Chart, path: str, manifest: str) -> int:
    """What the release cannot exceed, without compressing it: most charts are far below."""
    files = sum(len(content) * 4 // 3 + len(name) + 64 for name, content in chart.files.items())
    texts = len(json.dumps(manifest)) + len(json.dumps(chart.files[path].decode()))
    return (files + texts + _ALWAYS) * 4 // 3


def _size(chart: Chart, path: str, manifest: str) -> int:
    record = {
        "chart": {
            name: base64.b64encode(content).decode() for name, content in chart.files.items()
        },
        "config": chart.files[path].decode(),
        "manifest": manifest,
    }
    packed = gzip.compress(json.dumps(record).encode(), compresslevel=9, mtime=0)
    return len(base64.b64encode(packed)) + _ALWAYS
