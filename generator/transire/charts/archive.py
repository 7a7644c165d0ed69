"""Charts as archives: the same bytes for the same files, wherever and whenever they are packed.

Everything that could differ is written here: the order of the files, `Chart.yaml` first; one
modification time, mode and owner for all; no compression, because compressors differ from library
to library and from release to release. So archive and manifest digests follow from the files alone,
and a pin holds for as long as the chart does. `docs/adr/0011-pins-follow-from-files-alone.md` has
what that costs.

Every file goes in as it is, `Chart.yaml` included, where Helm would write that one anew.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from transire.charts.chart_metadata import read_metadata
from transire.charts.chart_yaml import NAME
from transire.charts.oci_artifact import CREATED, Artifact, artifact

_PACKED_AT = int(datetime.fromisoformat(CREATED).timestamp())
_MODE = 0o644
_END = bytes(1024)
"""Two empty blocks end an archive."""

_GZIP = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""A gzip header without name and time, from no system in particular."""

_MOST = 0xFFFF
"""Bytes of the largest block that is stored and not compressed."""


def packed(files: Mapping[str, bytes]) -> Artifact:
    """The chart of those files, by path in the chart, as a registry will hold it.

    Raises:
        ValueError: if its `Chart.yaml` does not name the chart.
    """
    metadata = read_metadata(files[NAME])
    return artifact(_gzip(_tar(metadata["name"], files)), metadata)


def _tar(name: str, files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(files, key=lambda each: (each != NAME, each)):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mtime, entry.mode = len(files[path]), _PACKED_AT, _MODE
            tar.addfile(entry, io.BytesIO(files[path]))
        end = tar.offset
    return held.getvalue()[:end] + _END


def _gzip(content: bytes) -> bytes:
    end = struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    return b"".join([_GZIP, *_stored(content), end])


def _stored(content: bytes) -> Iterator[bytes]:
    """The blocks of a deflate stream that holds the content as it is (RFC 1951, 3.2.4)."""
    for start in range(0, len(content), _MOST):
        block = content[start : start + _MOST]
        last = start + _MOST >= len(content)
        yield struct.pack("<BHH", last, len(block), len(block) ^ _MOST)
        yield block
