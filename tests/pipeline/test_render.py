"""Rendering charts: one loaded chart for all that are alike, and the same documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support.policy_repository import copy_example
from transire.charts.staged_folder import staged
from transire.helm import Chart, HelmChoice, read_yaml, render
from transire.model.problems import HelmFailed
from transire.pipeline.compile import compile_values
from transire.pipeline.render import render_stamped
from transire.pipeline.renderer import Renderer
from transire.pipeline.stamp import Stamped, stamp_charts

AS_OF = date(2026, 11, 23)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("organisation"))


def bodies(text: str) -> list[str]:
    return sorted(repr(each.body) for each in read_yaml(text, "x"))


def plainly(stamped: Stamped) -> dict[tuple[str, str], str]:
    """Every target by Helm's own install, chart by chart."""
    found = {}
    for place, each in stamped.charts.items():
        with staged(each.files) as folder:
            for path in sorted((folder / "targets").glob("*.yaml")):
                found[place, path.stem] = render(folder, path, helm="sdk")
    return found


def test_charts_that_are_alike_render_what_each_would_itself(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile_values(root, as_of=AS_OF)
    stamped = stamp_charts(root, compiled)
    loaded: list[Path] = []
    load = Chart.load

    def seen(folder: Path, *, helm: HelmChoice) -> Chart:
        loaded.append(folder)
        return load(folder, helm=helm)

    monkeypatch.setattr(Chart, "load", seen)

    rendered = render_stamped(stamped, Renderer.using("sdk"), stamped.charts)

    assert len(loaded) == 3 < len(stamped.charts)
    assert {key: bodies(text) for key, text in plainly(stamped).items()} == {
        key: bodies(text) for key, text in rendered.items()
    }


def test_what_helm_refuses_is_told_in_its_own_words(root: Path) -> None:
    file = root / "charts/egress-policy/templates/kubernetes.yaml"
    before = file.read_text()
    file.write_text(before + '\n{{ fail "no such policy here" }}\n')
    try:
        compiled = compile_values(root, as_of=AS_OF)
        stamped = stamp_charts(root, compiled)
        with pytest.raises(HelmFailed, match=r"helm template egress .*no such policy here"):
            render_stamped(stamped, Renderer.using("sdk"), stamped.charts)
    finally:
        file.write_text(before)
