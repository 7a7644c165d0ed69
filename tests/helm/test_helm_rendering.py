"""One chart, one file, two majors of Helm: the same text, and the same refusals."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import needs
from support.charts.umbrella_chart import umbrella
from support.draw.chart_values import baseline_values, policy_values, tier_values
from support.paths import CHARTS
from transire.helm import Chart, HelmChoice, Request, available, cli, lint, render, sdk
from transire.helm.chart import filled_in
from transire.model.problems import HelmFailed
from transire.yamlio import write

POLICY = CHARTS / "egress-policy"
TARGET = POLICY / "tests/values/kubernetes.yaml"
NAMES = ("egress-policy", "egress-baseline", "egress-tier")
VALUES = sorted(CHARTS.glob("*/tests/values/*.yaml"))
ENGINES = ("cilium", "calico", "calico-enterprise", "kubernetes")
BOTH = pytest.mark.parametrize("helm", ["sdk", "cli"])


@pytest.fixture
def both() -> None:
    needs.helm("sdk")
    needs.helm("cli")


@pytest.fixture
def neither(monkeypatch: pytest.MonkeyPatch) -> None:
    """No SDK, and no executable under the name that is looked for."""
    monkeypatch.setitem(sys.modules, "helm_python", None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    monkeypatch.delenv(cli.VARIABLE, raising=False)


def written(folder: Path, text: str) -> Path:
    path = folder / "values.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("chart", NAMES[1:])
def test_the_defaults_render_alike(chart: str) -> None:
    text = render(CHARTS / chart, helm="sdk")

    assert text == render(CHARTS / chart, helm="cli")
    assert not text.endswith("\n")


@BOTH
def test_a_stamped_chart_without_its_target_file_says_which_to_give(helm: HelmChoice) -> None:
    needs.helm(helm)

    with pytest.raises(HelmFailed) as failure:
        render(CHARTS / "teams/payments", namespace="payments-prod", helm=helm)

    assert (
        "no target is given: add -f targets/NAMESPACE.CLUSTER.yaml from the folder of this chart, "
        "such as -f charts/teams/TEAM/targets/NAMESPACE.CLUSTER.yaml, or values of your own that "
        "say whose egress this is"
    ) in str(failure.value)


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("path", VALUES, ids=str)
def test_every_engine_renders_alike(path: Path) -> None:
    chart = path.parents[2]
    text = render(chart, path, helm="sdk")

    assert text == render(chart, path, helm="cli")
    assert text.startswith("---\n# Source: ")


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.usefixtures("both")
@pytest.mark.parametrize(
    ("chart", "values"),
    [
        ("egress-policy", st.one_of(*map(policy_values, ENGINES))),
        ("egress-baseline", st.one_of(*map(baseline_values, ENGINES))),
        ("egress-tier", tier_values()),
    ],
    ids=NAMES,
)
def test_hostile_text_renders_alike(chart: str, values: st.SearchStrategy[dict[str, Any]]) -> None:
    rendered = 0

    @settings(max_examples=5)
    @given(st.lists(values, min_size=8, max_size=16))
    def check(instances: list[dict[str, Any]]) -> None:
        nonlocal rendered
        with TemporaryDirectory() as folder:
            whole = umbrella(Path(folder) / "umbrella", CHARTS / chart, instances)
            text = render(whole, helm="sdk")

            assert text == render(whole, helm="cli")
            rendered += text.count("\n# Source: ")

    check()
    assert rendered >= 40


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("path", [*VALUES, None], ids=str)
def test_the_fast_way_gives_the_objects_of_the_slow_one(path: Path | None) -> None:
    chart = path.parents[2] if path else CHARTS / "egress-tier"
    fast = Chart.load(chart, helm="sdk").manifests(path)

    assert fast == Chart.load(chart, helm="cli").manifests(path)
    assert fast
    assert [each.index for each in fast] == list(range(len(fast)))
    assert all(each.source.startswith(f"{chart.name}/templates/") for each in fast)


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("engine", ENGINES)
def test_the_fast_way_gives_the_objects_of_the_slow_one_for_hostile_text(engine: str) -> None:
    chart = Chart.load(POLICY)
    slow = Chart(directory=POLICY, helm="sdk", _fast=None)

    @settings(max_examples=25)
    @given(policy_values(engine))
    def check(values: dict[str, Any]) -> None:
        with TemporaryDirectory() as folder:
            path = written(Path(folder), write(values))

            assert chart.manifests(path) == slow.manifests(path)

    check()


SOME_VALUES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 9) | st.text("xy", max_size=2),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
        max_leaves=4,
    ),
)


@pytest.mark.slow("many drawn examples")
@settings(max_examples=150)
@given(defaults=SOME_VALUES, values=SOME_VALUES)
def test_values_are_filled_in_as_helm_does(
    defaults: dict[str, Any], values: dict[str, Any]
) -> None:
    needs.helm("sdk")
    with TemporaryDirectory() as name:
        (Path(name) / "Chart.yaml").write_text("apiVersion: v2\nname: some\nversion: 1.0.0\n")
        (Path(name) / "values.yaml").write_text(json.dumps(defaults))
        chart = sdk.from_folder(Request(chart=Path(name)))

    assert filled_in(chart, chart.merge_values({}), values) == chart.merge_values(values)


@pytest.mark.usefixtures("both")
def test_a_chart_with_charts_inside_is_rendered_whole(tmp_path: Path) -> None:
    needs.helm("sdk")
    whole = umbrella(tmp_path / "umbrella", POLICY, [{"target": "default.lab"}])
    inner = whole / "charts" / "v00000"
    shutil.copy(POLICY / "values.schema.json", inner)
    values = (POLICY / "values.yaml").read_text().replace('target: ""', 'target: "default.lab"')
    (inner / "values.yaml").write_text(values)

    (manifest,) = Chart.load(whole).manifests()

    assert manifest.source == "umbrella/charts/v00000/templates/kubernetes.yaml"


@pytest.mark.usefixtures("both")
def test_files_that_helm_ignores_are_not_rendered(tmp_path: Path) -> None:
    chart = Path(shutil.copytree(POLICY, tmp_path / "egress-policy"))
    (chart / ".helmignore").write_text("*.bak.yaml\n")
    (chart / "templates" / "x.bak.yaml").write_text("{{ fail `rendered` }}")

    assert Chart.load(chart).manifests(TARGET) == Chart.load(POLICY).manifests(TARGET)


REFUSED = {
    "sdk": "- at '/engine': value must be one of 'cilium', 'calico', 'calico-enterprise', "
    "'kubernetes'",
    "cli": '- engine: engine must be one of the following: "cilium", "calico", '
    '"calico-enterprise", "kubernetes"',
}


@BOTH
def test_values_that_break_the_schema_fail_with_the_command_and_helms_words(
    helm: HelmChoice, tmp_path: Path
) -> None:
    needs.helm(helm)
    values = written(tmp_path, 'engine: "weave"\n')

    with pytest.raises(HelmFailed) as failure:
        render(POLICY, values, namespace="payments", helm=helm)

    assert str(failure.value) == (
        f"helm template egress {POLICY} --namespace payments --values {values} failed: "
        "values don't meet the specifications of the schema(s) in the following chart(s):\n"
        f"egress-policy:\n{REFUSED[helm]}"
    )
    assert failure.value.exit_code == 4


def test_the_fast_way_fails_with_helms_words_too(tmp_path: Path) -> None:
    needs.helm("sdk")
    values = written(tmp_path, 'engine: "weave"\n')

    with pytest.raises(HelmFailed) as failure:
        Chart.load(POLICY).manifests(values)

    assert str(failure.value) == (
        f"helm template egress {POLICY} --namespace default --values {values} failed: "
        "values don't meet the specifications of the schema(s) in the following chart(s):\n"
        f"egress-policy:\n{REFUSED['sdk']}"
    )


@pytest.mark.parametrize(
    ("helm", "words"),
    [("sdk", ""), ("cli", "failed to parse -: ")],
)
def test_values_that_are_no_yaml_fail_with_helms_words(
    helm: HelmChoice, words: str, tmp_path: Path
) -> None:
    needs.helm(helm)
    values = written(tmp_path, "a: [\n")

    with pytest.raises(HelmFailed) as failure:
        render(POLICY, values, helm=helm)

    assert str(failure.value) == (
        f"helm template egress {POLICY} --namespace default --values {values} failed: {words}"
        "error converting YAML to JSON: yaml: line 1: did not find expected node content"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "is not UTF-8 text"),
        (b"a: 1\0b", "has a NUL character"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_values_that_no_helm_can_be_given_fail_before_it_is_asked(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "values.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(HelmFailed) as failure:
        render(POLICY, path)

    assert str(failure.value) == f"{path} {words}"


@BOTH
def test_a_template_that_fails_is_told_in_helms_words(helm: HelmChoice, tmp_path: Path) -> None:
    needs.helm(helm)
    chart = Path(shutil.copytree(POLICY, tmp_path / "egress-policy"))
    (chart / "templates" / "x.yaml").write_text('{{ fail "no way" }}')

    with pytest.raises(HelmFailed, match="no way"):
        render(chart, helm=helm)


@BOTH
def test_a_folder_that_is_no_chart_fails(helm: HelmChoice, tmp_path: Path) -> None:
    needs.helm(helm)

    with pytest.raises(HelmFailed):
        render(tmp_path, helm=helm)
    with pytest.raises(HelmFailed) as failure:
        Chart.load(tmp_path, helm=helm)

    assert str(failure.value) == f"{tmp_path} is no chart: it has no Chart.yaml"


def test_the_sdk_is_chosen_where_it_loads() -> None:
    needs.helm("sdk")

    assert available() == "sdk"


def test_without_the_sdk_the_executable_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    needs.helm("cli")
    expected = render(POLICY, TARGET, helm="cli")
    monkeypatch.setitem(sys.modules, "helm_python", None)

    assert available() == "cli"
    assert render(POLICY, TARGET) == expected
    with pytest.raises(HelmFailed, match=r"^helm-python-sdk cannot be loaded: "):
        sdk.load()


@pytest.mark.usefixtures("neither")
def test_without_any_helm_the_error_says_why_and_what_to_do() -> None:
    with pytest.raises(HelmFailed) as failure:
        render(POLICY)

    assert str(failure.value) == (
        "there is no Helm: helm-python-sdk cannot be loaded: import of helm_python halted; None "
        "in sys.modules; there is no helm executable on PATH, and TRANSIRE_HELM names none; "
        "install helm 3.17 or later, or name it in TRANSIRE_HELM"
    )


@pytest.mark.usefixtures("neither")
def test_an_executable_that_is_named_and_missing_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(cli.VARIABLE, "helm-9")

    with pytest.raises(HelmFailed) as failure:
        render(POLICY, helm="cli")

    assert str(failure.value) == "TRANSIRE_HELM names 'helm-9', which is no program"


def test_the_executable_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "my helm"
    script.write_text('#!/bin/sh\nprintf -- "%s\\n" "$1" "$2" "$HOME" "${KUBECONFIG-none}"\n')
    script.chmod(0o755)
    monkeypatch.setenv(cli.VARIABLE, str(script))
    monkeypatch.setenv("KUBECONFIG", "/etc/kubernetes/admin.conf")
    monkeypatch.setenv("HELM_NAMESPACE", "elsewhere")

    words = render(POLICY, helm="cli").splitlines()

    assert words[:2] == ["template", "egress"]
    assert Path(words[2]).name.startswith("transire-helm-")
    assert not Path(words[2]).exists()
    assert words[3] == "none"


@BOTH
def test_rendering_works_inside_a_running_event_loop(helm: HelmChoice) -> None:
    needs.helm(helm)

    async def inside() -> str:
        return render(POLICY, TARGET, helm=helm)

    assert asyncio.run(inside()) == render(POLICY, TARGET, helm=helm)


@BOTH
def test_a_values_file_may_have_any_name(helm: HelmChoice, tmp_path: Path) -> None:
    needs.helm(helm)
    folder = tmp_path / "a, b 'c' $(d)"
    folder.mkdir()
    values = written(folder, 'namespace: "payments"\n')

    assert 'namespace: "payments"' in render(POLICY, values, helm=helm)


@BOTH
def test_a_lint_tells_what_helm_warns_of(helm: HelmChoice, tmp_path: Path) -> None:
    needs.helm(helm)
    chart = Path(shutil.copytree(POLICY, tmp_path / "egress-policy"))
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: X_x}\n"
    (chart / "templates" / "x.yaml").write_text(text)

    (finding,) = lint(chart, helm=helm)

    assert finding.startswith(
        "templates/x.yaml: object name does not conform to Kubernetes naming requirements: "
    )


@BOTH
def test_a_lint_of_nothing_is_no_clean_lint(helm: HelmChoice, tmp_path: Path) -> None:
    needs.helm(helm)

    with pytest.raises(HelmFailed, match=r"unable to check Chart\.yaml file in chart"):
        lint(tmp_path / "missing", helm=helm)
