"""Charts as archives, the same bytes for the same files wherever and whenever they are packed.

Helm writes names, contents and modification times into an archive, and nothing else that varies:
files come in the order of their names, with mode 0644 and no owner, and the gzip header has no
time (tried with Helm 4.2.3). So one constant for every modification time is all that it takes. The
`helm` executable is no help: in place of those times it stamps the time of packing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from transire.helm import sdk
from transire.helm.request import Request

PACKED_AT = 315_532_800
"""The modification time of everything that is packed: 1980-01-01T00:00:00Z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A chart's archive, and what Helm reads in its `Chart.yaml`, in the order of Helm's fields."""

    archive: bytes
    metadata: Mapping[str, Any]


def can_package() -> None:
    """Do nothing where charts can be packed.

    Raises:
        HelmFailed: where they cannot, with the reason.
    """
    sdk.load()


def package(folder: Path) -> Package:
    """The chart in a folder of its own, packed; modification times in the folder are overwritten.

    Raises:
        HelmFailed: if there is no SDK, or with Helm's words.
    """
    helm = sdk.load()
    request = Request(chart=folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.utime(Path(place, name), (PACKED_AT, PACKED_AT))
    with TemporaryDirectory(prefix="transire-") as destination:
        try:
            archive = Path(helm.package(str(folder), destination=destination)).read_bytes()
            chart = helm.Chart.load_archive(archive)
        except helm.HelmError as error:
            raise request.failed(f"helm package {folder}", str(error)) from error
    return Package(archive=archive, metadata=chart.metadata)
