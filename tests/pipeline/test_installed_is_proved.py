"""What is proved is what is installed: the quick rendering is held against the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import needs
from support.paths import ROOT
from transire.charts.chart import read_chart
from transire.helm import Chart, render
from transire.model.problems import HelmFailed
from transire.pipeline import renderer
from transire.pipeline.renderer import Renderer

TIER = "charts/egress-tier"
TARGET = "targets/staging.yaml"


@pytest.fixture
def files() -> dict[str, bytes]:
    needs.helm("sdk")
    return {**read_chart(ROOT, TIER).files, TARGET: (ROOT / TIER / TARGET).read_bytes()}


@pytest.mark.parametrize("name", ["tier-NOTES.txt", "aNOTES.txt", "sub/NOTES.txt"])
def test_a_template_that_helm_takes_for_notes_renders_no_object(
    tmp_path: Path, name: str, files: dict[str, bytes]
) -> None:
    needs.helm("cli")
    notes = {f"templates/{name}": files["templates/tier.yaml"]}
    written(tmp_path, {**files, **notes, "templates/tier.yaml": b""})

    rendered = [Chart.load(tmp_path, helm=helm).manifests() for helm in ("sdk", "cli")]

    assert rendered == [(), ()]
    assert render(tmp_path, helm="sdk") == render(tmp_path, helm="cli")


def test_a_name_that_only_looks_like_notes_is_rendered(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    tier = {"templates/NOTES.txt.yaml": files["templates/tier.yaml"], "templates/tier.yaml": b""}
    written(tmp_path, {**files, **tier})

    assert [each.ref.kind for each in Chart.load(tmp_path).manifests()] == ["Tier"]


def written(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@contextmanager
def installing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """The values files that are rendered by the way that installs, in their order."""
    asked: list[Path] = []
    real = vars(renderer)["render"]

    def counted(chart: Path, values: Path, **rest: str) -> str:
        asked.append(values.relative_to(chart))
        return str(real(chart, values, **rest))

    monkeypatch.setattr(renderer, "render", counted)
    yield asked


def test_each_shape_of_chart_is_installed_once_to_compare(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    other = {**files, "templates/more.yaml": b"# nothing\n"}
    renamed = {**files, "Chart.yaml": files["Chart.yaml"].replace(b"version: ", b"version: 1")}
    quick = Renderer.using("sdk")

    with installing(monkeypatch) as asked:
        for each in (files, files, renamed, other):
            quick.texts(each, {TARGET: "egress-system"})

    assert [str(each) for each in asked] == [TARGET, TARGET]


def test_where_the_two_differ_the_one_that_installs_counts(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    monkeypatch.setattr(
        Chart, "text", lambda *_, **__: "---\n# Source: a\napiVersion: v1\nkind: A\n"
    )
    quick = Renderer.using("sdk")

    texts = [quick.texts(files, {TARGET: "egress-system"})[TARGET] for _ in range(2)]

    assert all("kind: Tier" in each and "kind: A\n" not in each for each in texts)


def test_a_chart_that_helm_does_not_install_is_not_rendered_either(
    files: dict[str, bytes],
) -> None:
    chart = files["Chart.yaml"] + b"kubeVersion: '>=99'\n"

    with pytest.raises(HelmFailed, match="chart requires kubeVersion"):
        Renderer.using("sdk").texts({**files, "Chart.yaml": chart}, {TARGET: "egress-system"})
