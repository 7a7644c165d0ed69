"""Every suite in `charts/*/tests`, and the runner that judges them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import needs
from support.paths import CHARTS

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

import helm_python

from support.charts.chart_asserts import SuiteError, found, judge
from support.charts.chart_suites import Case, cases, failures

ENGINES = ("cilium", "calico", "calico-enterprise", "kubernetes")
LAYERS = ("dns", "allow", "in-cluster", "deny")
OBJECT = {"apiVersion": "v1", "kind": "A", "metadata": {"name": "a", "labels": {"x/y": "1"}}}


@pytest.fixture(scope="module")
def charts() -> dict[Path, helm_python.Chart]:
    return {
        path.parent: helm_python.Chart.load(path.parent) for path in CHARTS.glob("*/Chart.yaml")
    }


@pytest.mark.parametrize("case", list(cases(CHARTS)), ids=str)
def test_the_chart_does_what_its_suite_says(
    case: Case, charts: dict[Path, helm_python.Chart]
) -> None:
    assert failures(case, charts[case.chart]) == []


def test_every_engine_and_layer_has_a_suite() -> None:
    written = {path.name for path in (CHARTS / "egress-policy" / "tests").glob("*_test.yaml")}
    wanted = {f"{engine}_{layer}_test.yaml" for engine in ENGINES for layer in LAYERS}

    assert wanted <= written


def test_an_unknown_assertion_is_an_error() -> None:
    with pytest.raises(SuiteError, match="the assertion 'isGood' is not known"):
        judge("isGood", {}, [OBJECT])


def test_an_unknown_key_of_an_assertion_is_an_error() -> None:
    with pytest.raises(SuiteError, match=r"unknown keys \['valeu'\], missing keys \['value'\]"):
        judge("equal", {"path": "kind", "valeu": "A"}, [OBJECT])


def test_an_unknown_path_is_an_error() -> None:
    with pytest.raises(SuiteError, match=r"the path 'a\[\*\]' is not understood from '\[\*\]' on"):
        found({"a": []}, "a[*]")


def test_an_assertion_about_nothing_fails() -> None:
    assert judge("notExists", {"path": "spec"}, []) == [
        "notExists: there is no document to look at"
    ]


@pytest.mark.parametrize(
    ("name", "passes", "fails"),
    [
        ("equal", {"path": "kind", "value": "A"}, {"path": "kind", "value": "B"}),
        ("notEqual", {"path": "kind", "value": "B"}, {"path": "kind", "value": "A"}),
        ("exists", {"path": "kind"}, {"path": "spec"}),
        ("notExists", {"path": "spec"}, {"path": "kind"}),
        ("matchRegex", {"path": "kind", "pattern": "^A$"}, {"path": "kind", "pattern": "B"}),
        ("notMatchRegex", {"path": "kind", "pattern": "B"}, {"path": "kind", "pattern": "A"}),
        ("isNullOrEmpty", {"path": "spec"}, {"path": "kind"}),
        ("isNotNullOrEmpty", {"path": "kind"}, {"path": "spec"}),
        ("lengthEqual", {"path": "metadata.labels", "count": 1}, {"path": "kind", "count": 2}),
        ("isKind", {"of": "A"}, {"of": "B"}),
        ("isAPIVersion", {"of": "v1"}, {"of": "v2"}),
        (
            "contains",
            {"path": "list", "content": {"a": 1}},
            {"path": "list", "content": {"a": 2}},
        ),
        (
            "notContains",
            {"path": "list", "content": {"a": 2}},
            {"path": "list", "content": {"a": 1}},
        ),
        (
            "equal",
            {"path": 'metadata.labels["x/y"]', "value": "1"},
            {"path": 'metadata.labels["x/y"]', "value": 1},
        ),
    ],
)
def test_each_assertion_can_pass_and_can_fail(
    name: str, passes: dict[str, object], fails: dict[str, object]
) -> None:
    document = {**OBJECT, "list": [{"a": 1}]}

    assert judge(name, passes, [document]) == []
    assert len(judge(name, fails, [document])) == 1
