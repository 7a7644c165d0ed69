"""What is in a chart's archive."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tracemalloc
from collections.abc import Callable

import pytest

from support.delivery.fake_registry import MANIFEST
from support.delivery.small_charts import archive, made
from transire.charts.unpacked import LIMIT, differences, unpack
from transire.delivery.registry.charts import is_chart


def test_only_the_manifest_of_a_chart_is_one() -> None:
    manifest = made().manifest

    assert [
        is_chart(each)
        for each in (
            manifest,
            b"{",
            b"[]",
            manifest.replace(b"helm.config", b"other"),
            manifest.replace(b"helm.chart", b"other"),
        )
    ] == [True, False, False, False, False]
    assert f'"{MANIFEST}"'.encode() not in manifest


def test_charts_are_the_same_when_their_files_are() -> None:
    files = {"c/Chart.yaml": b"name: a\nversion: 1.0.0\n", "c/values.yaml": b"a: 1\n"}
    rewritten = {**files, "c/Chart.yaml": b"# packed\nversion: 1.0.0\nname: a\n"}
    reordered = dict(reversed(files.items()))
    other = {**files, "c/values.yaml": b"a:  1\n", "c/more": b""}
    renamed = {**files, "c/Chart.yaml": b"name: b\nversion: 1.0.0\n"}
    broken = {**files, "c/Chart.yaml": b"{"}

    ours = unpack(archive(files))
    assert [
        differences(ours, unpack(archive(each)))
        for each in (rewritten, reordered, other, renamed, broken)
    ] == [(), (), ("more", "values.yaml"), ("Chart.yaml",), ("Chart.yaml",)]


def long_name(size: int) -> bytes:
    """A small archive whose one file has a name of that many bytes."""
    return archive({f"c/{'a' * size}": b""})


def many_headers(kind: bytes, count: int) -> bytes:
    """Headers that announce the next one, one after the other."""
    record = tarfile.TarInfo("././@LongLink")
    record.size, record.type = 2, kind
    block = record.tobuf(tarfile.USTAR_FORMAT) + b"a\0".ljust(512, b"\0")
    return gzip.compress(block * count + bytes(1024))


def sparse(size: int) -> bytes:
    """An archive that holds nothing, for a file of that many bytes that are all zero."""
    record = tarfile.TarInfo("c/a")
    record.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(record.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"%011o\0" % size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return gzip.compress(bytes(block) + bytes(1024))


def twice() -> bytes:
    """An archive in which one path stands two times."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo("c/a"))
    return held.getvalue()


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"", "it cannot be unpacked: it ends too early"),
        (lambda: b"nothing", "it cannot be unpacked: not a gzip file"),
        (lambda: archive({"c/a": os.urandom(9000)})[:4000], "it cannot be unpacked: it ends too early"),
        (lambda: archive({"a": b"a"}), "'a' is no plain file of a chart"),
        (lambda: archive({"c/a": b""}, kind=tarfile.SYMTYPE), "'c/a' is no plain file of a chart"),
        (lambda: archive({"c/a": b""}, kind=tarfile.CHRTYPE), "'c/a' is no plain file of a chart"),
        (lambda: sparse(1 << 40), "'c/a' is no plain file of a chart"),
        (lambda: archive({"c/a": b"0" * (33 << 20)}), "it unpacks to more than 33554432 bytes"),
        (lambda: long_name(33 << 20), "it unpacks to more than 33554432 bytes"),
        (lambda: many_headers(b"L", 50_000), "it unpacks to more than 33554432 bytes"),
        (lambda: many_headers(b"L", 5_000), "it cannot be unpacked: its headers nest too deeply"),
        (lambda: many_headers(b"x", 5_000), "it cannot be unpacked: "),
        (
            lambda: archive({"c/a": b"a"}) + archive({"c/b": b"b"}),
            "it cannot be unpacked: there is something behind its end",
        ),
        (twice, "'c/a' is in it twice"),
    ],
    ids=[
        "empty", "text", "torn", "no folder", "link", "device", "sparse", "content", "name",
        "headers", "nested", "extended", "appended", "twice",
    ],
)  # fmt: skip
def test_what_is_no_archive_of_a_chart_is_said(make: Callable[[], bytes], said: str) -> None:
    content = make()

    with pytest.raises(ValueError, match="^" + said):
        unpack(content)


@pytest.mark.slow("many megabytes")
def test_an_archive_is_never_in_memory_beyond_the_limit() -> None:
    bomb = long_name(300 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"^it unpacks to more than"):
            unpack(bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 3 * LIMIT


def test_the_longest_names_that_are_unpacked_are_cut_where_they_are_shown() -> None:
    content = archive({"a" * (1 << 20): b""})

    with pytest.raises(ValueError, match=r"is no plain file of a chart$") as wrong:
        unpack(content)

    assert len(str(wrong.value)) < 300


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize(
    "theirs", [b"a: 2026-13-45\n", b"[" * 20_000, b"&a [*a]", b"\xff", b"a: \x1b"]
)
def test_a_chart_file_that_cannot_be_read_is_another_one(theirs: bytes) -> None:
    assert differences({"Chart.yaml": b"a: 1\n"}, {"Chart.yaml": theirs}) == ("Chart.yaml",)


def test_a_sparse_file_whose_map_is_cut_off_is_no_archive() -> None:
    header = bytearray(tarfile.TarInfo("c/a").tobuf(tarfile.USTAR_FORMAT))
    header[156:157], header[482] = b"S", 1  # the map goes on in another block, which is not there
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)

    with pytest.raises(ValueError, match="it cannot be unpacked: index out of range"):
        unpack(gzip.compress(bytes(header)))
