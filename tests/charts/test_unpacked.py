"""What is in a chart's archive."""

from __future__ import annotations

import os
import tarfile

import pytest

from support.delivery.fake_registry import MANIFEST
from support.delivery.small_charts import archive, made
from transire.charts.unpacked import differences, unpack
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nothing", "it cannot be unpacked: "),
        (archive({"c/a": os.urandom(9000)})[:4000], "it cannot be unpacked: "),
        (archive({"a": b"a"}), "'a' is no plain file of a chart"),
        (archive({"c/a": b""}, kind=tarfile.SYMTYPE), "'c/a' is no plain file of a chart"),
        (archive({"c/a": b"0" * (65 << 20)}), "it unpacks to more than 67108864 bytes"),
    ],
    ids=["text", "torn", "no folder", "link", "bomb"],
)
def test_what_is_no_archive_of_a_chart_is_said(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match="^" + said):
        unpack(content)
