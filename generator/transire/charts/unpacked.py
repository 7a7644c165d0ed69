"""What is in a chart's archive, and whether two archives are the same chart.

Archives are compared by what they hold: compression, order and times are the packer's. `Chart.yaml`
is compared by what it says, because Helm writes it anew when it packs.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping

import yaml

from transire.charts.chart_yaml import NAME

LIMIT = 64 << 20
"""Bytes that no chart of ours comes near; what unpacks to more is not unpacked."""


def unpack(archive: bytes) -> Mapping[str, bytes]:
    """The files of a chart's archive, by path in the chart.

    Raises:
        ValueError: with what is wrong, if it is no archive of a chart.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            return dict(_files(tar))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error


def _files(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    total = 0
    for member in tar:
        folder, _, path = member.name.partition("/")
        if member.isdir():
            continue
        file = tar.extractfile(member) if member.isreg() else None
        if file is None or not folder or not path:
            raise ValueError(f"{member.name!r} is no plain file of a chart")
        total += member.size
        if total > LIMIT:
            raise ValueError(f"it unpacks to more than {LIMIT} bytes")
        yield path, file.read()


def differences(ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> tuple[str, ...]:
    """The paths, sorted, at which two unpacked charts are not the same."""
    return tuple(
        path
        for path in sorted(ours.keys() | theirs.keys())
        if not _same(path, ours.get(path), theirs.get(path))
    )


def _same(path: str, ours: bytes | None, theirs: bytes | None) -> bool:
    if ours == theirs:
        return True
    if path != NAME or ours is None or theirs is None:
        return False
    try:
        return bool(yaml.safe_load(ours) == yaml.safe_load(theirs))
    except yaml.YAMLError:
        return False
