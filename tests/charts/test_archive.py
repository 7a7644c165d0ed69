"""Archives of charts: Helm reads in them what it reads in the folder, and nothing else counts."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import needs
from support.paths import CHARTS
from transire.charts.archive import packed
from transire.charts.chart_metadata import read_metadata
from transire.charts.oci_artifact import artifact
from transire.charts.staged_folder import staged
from transire.charts.unpacked import differences, unpack

PLACES = ("egress-baseline", "egress-policy", "egress-tier", "teams/payments")
EVERY_FIELD = b"""\
# A remark that Helm would drop.
type: application
dependencies: []
annotations: {b: "2", a: "<1> & 'more'"}
kubeVersion: ">= 1.28.0-0"
deprecated: true
appVersion: "1.10"
apiVersion: v2
icon: https://example.com/icon.png
maintainers:
  - {url: https://example.com, name: one, email: one@example.com}
  - {name: two, email: ""}
keywords: [a, b]
description: "Says <b>what</b> \\u2028 \\U0001f600"
version: 1.4.2
sources: [https://example.com/a]
home: https://example.com
name: payments
unknown: what Helm does not know
"""
SMALL = {"Chart.yaml": b"apiVersion: v2\nname: x\nversion: 1.0.0\n", "a.yaml": b"a: 1\n"}


def chart(place: str) -> dict[str, bytes]:
    """The files of a chart of this repository that are packed."""
    folder = CHARTS / place
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "tests" not in path.relative_to(folder).parts
    }


def test_the_bytes_are_those_that_every_release_has_given() -> None:
    digests = packed(SMALL).digests

    # Whoever changes these breaks every pin that is not pushed yet: see ADR 8.
    assert digests.archive == (
        "sha256:f302e441a1e26ee94be0f4c23e3b9ffd2ed1ab3e52893fce1219e0fe4b7ab5a6"
    )
    assert digests.manifest == (
        "sha256:8a5754c9c702176b95b07f93dd83de48dde9968aa9185f1440f4f4b8f2696a89"
    )


def test_the_order_in_which_files_were_found_does_not_count() -> None:
    assert packed(SMALL) == packed(dict(reversed(SMALL.items())))


def test_an_archive_says_no_more_than_names_and_contents() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(SMALL).archive), mode="r:gz") as tar:
        found = [
            (each.name, each.mode, each.mtime, each.uid, each.gid, each.uname, each.gname)
            for each in tar
        ]

    rest = (0o644, 315_532_800, 0, 0, "", "")
    assert [("x/Chart.yaml", *rest), ("x/a.yaml", *rest)] == found


def test_other_programs_unpack_it(tmp_path: Path) -> None:
    (tmp_path / "chart.tgz").write_bytes(packed(chart("egress-policy")).archive)
    subprocess.run(["tar", "-xzf", "chart.tgz"], cwd=tmp_path, check=True)

    found = {
        path.relative_to(tmp_path / "egress-policy").as_posix(): path.read_bytes()
        for path in (tmp_path / "egress-policy").rglob("*")
        if path.is_file()
    }
    assert chart("egress-policy") == found


@given(
    st.dictionaries(
        st.text("abé/\U0001f600", min_size=1, max_size=120).filter(
            lambda path: "//" not in path and path[0] != "/" != path[-1]
        ),
        st.one_of(st.binary(max_size=50), st.integers(65_500, 131_200).map(bytes)),
        max_size=4,
    )
)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    held = {**files, "Chart.yaml": SMALL["Chart.yaml"]}

    archive = packed(held).archive

    assert held == unpack(archive)
    assert len(gzip.decompress(archive)) % 512 == 0


@pytest.mark.parametrize("place", PLACES)
def test_helm_packs_the_same_files(place: str, tmp_path: Path) -> None:
    helm = pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    files = chart(place)
    theirs = helm.package(str(CHARTS / place), destination=tmp_path)

    assert differences(files, unpack(Path(theirs).read_bytes())) == ()
    assert files == unpack(packed(files).archive)


@pytest.mark.parametrize("place", [*PLACES, ""])
def test_helm_reads_the_same_chart(place: str) -> None:
    helm = pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    files = chart(place) if place else {**SMALL, "Chart.yaml": EVERY_FIELD}
    made = packed(files)
    loaded = helm.Chart.load_archive(made.archive)

    assert artifact(made.archive, loaded.metadata) == made
    with staged(files) as folder:
        there = helm.Chart.load(str(folder))
        assert loaded.metadata == there.metadata
        assert loaded.templates == there.templates
        assert loaded.values == there.values


def test_the_config_has_every_field_in_helms_order() -> None:
    config = json.loads(packed({"Chart.yaml": EVERY_FIELD}).config)

    assert config == read_metadata(EVERY_FIELD)
    assert list(config) == [
        "name", "home", "sources", "version", "description", "keywords", "maintainers", "icon",
        "apiVersion", "appVersion", "deprecated", "annotations", "kubeVersion", "type",
    ]  # fmt: skip
    assert config["maintainers"][1] == {"name": "two"}
    assert config["deprecated"] is True


def test_fields_that_say_nothing_are_left_out() -> None:
    chart = (
        b"name: x\nversion: 1.10.0\nhome: ''\ndeprecated: false\nannotations: {}\nkeywords: []\n"
    )

    assert read_metadata(chart) == {"name": "x", "version": "1.10.0"}


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (b"name: [", "^the description of the chart is not YAML$"),
        (b"name: x\n", "^the description of the chart names no chart$"),
        (b"- name: x\n  version: 1.0.0\n", "^the description of the chart names no chart$"),
        (b"", "^the description of the chart names no chart$"),
    ],
)
def test_what_names_no_chart_is_not_packed(chart: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        packed({"Chart.yaml": chart})
