"""What is in a chart's archive, and whether two archives are the same chart.

Archives are compared by what they hold: compression, order and times are the packer's. `Chart.yaml`
is compared by its content, because Helm writes it anew when it packs.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Mapping

import yaml

from transire.charts.chart_yaml import NAME

LIMIT = 32 << 20
"""Bytes that no chart of ours comes near, names and headers included; more is never unpacked."""

_LONGEST = 200
_MALFORMED = ArithmeticError, EOFError, LookupError, OSError
"""What the library ends with over headers that somebody made on purpose, besides its own errors."""
_MAGIC = b"\x1f\x8b"
_GZIP = 31
"""The window of zlib's that stands for gzip and nothing else."""


def unpack(archive: bytes) -> Mapping[str, bytes]:
    """The files of a chart's archive, by path in the chart.

    It is decompressed first, up to the limit, so that nothing in it can be larger than that.

    Raises:
        ValueError: with what is wrong, if it is no archive of a chart.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(_decompressed(archive)), mode="r:") as tar:
            return _files(tar)
    except (tarfile.TarError, zlib.error, *_MALFORMED) as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    except RecursionError as error:
        raise ValueError("it cannot be unpacked: its headers nest too deeply") from error


def _decompressed(archive: bytes) -> bytes:
    if archive and not archive.startswith(_MAGIC):
        raise ValueError("it cannot be unpacked: not a gzip file")
    inflate = zlib.decompressobj(wbits=_GZIP)
    content = inflate.decompress(archive, LIMIT + 1)
    if len(content) > LIMIT:
        raise ValueError(f"it unpacks to more than {LIMIT} bytes")
    if not inflate.eof:
        raise EOFError("it ends too early")
    if inflate.unused_data.strip(b"\0"):
        raise ValueError("it cannot be unpacked: there is something behind its end")
    return content


def _files(tar: tarfile.TarFile) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for member in tar:
        folder, _, path = member.name.partition("/")
        if member.isdir():
            continue
        plain = member.isreg() and not member.issparse()
        file = tar.extractfile(member) if plain else None
        if file is None or not folder or not path:
            raise ValueError(f"{_cut(member.name)!r} is no plain file of a chart")
        if path in found:
            raise ValueError(f"{_cut(member.name)!r} is in it twice")
        found[path] = file.read()
    return found


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."


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
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
