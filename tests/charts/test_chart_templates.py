"""The templates of the charts: dumb, closed, and the same whoever renders them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from support import needs
from support.charts.rendering import Object, objects
from support.charts.schema_corpus import base_values
from support.draw.chart_values import baseline_values, policy_values
from support.paths import CHARTS
from transire.helm import Chart, HelmChoice, Request, lint, sdk
from transire.model.problems import HelmFailed

NAMES = ("egress-policy", "egress-baseline", "egress-tier")
ENGINES = ("cilium", "calico", "calico-enterprise", "kubernetes")
VALUES = sorted(CHARTS.glob("*/tests/values/*.yaml"))
ALLOWED = {
    *("if", "else", "end", "range", "with", "define", "include", "and", "not", "eq", "ne", "has"),
    *("index", "len", "list", "dict", "append", "concat", "default", "required", "join"),
    *("print", "printf", "quote", "int", "toString", "toJson", "fromJsonArray", "kindIs"),
    *("ternary", "trim", "nindent", "nil", "true", "sortAlpha", "fail", "or"),
}
ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
WORD = re.compile(r"(?<![.$\w])[A-Za-z][A-Za-z0-9]*")
DEFINE = re.compile(r'\{\{- define "([a-z]+\.[A-Za-z]+)" -\}\}.*?\n\{\{- end \}\}\n', re.DOTALL)


@pytest.fixture(autouse=True)
def _sdk() -> None:
    needs.helm("sdk")


def templates(chart: str) -> Iterator[Path]:
    return (path for path in (CHARTS / chart / "templates").iterdir())


def actions(path: Path) -> Iterator[str]:
    """What stands between braces, without comments and texts."""
    text = re.sub(r"\{\{-? */\*.*?\*/ *-?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    for found in ACTION.findall(text):
        yield re.sub(r'"(?:[^"\\]|\\.)*"', '""', found)


@pytest.mark.parametrize("chart", NAMES)
def test_templates_choose_loop_and_quote_and_do_nothing_else(chart: str) -> None:
    for path in templates(chart):
        for action in actions(path):
            assert set(WORD.findall(action)) <= ALLOWED, f"{path.name}: {action}"


@pytest.mark.parametrize("chart", NAMES)
def test_templates_use_values_and_nothing_of_the_release_or_the_cluster(chart: str) -> None:
    for path in templates(chart):
        roots = {
            root
            for action in actions(path)
            for root in re.findall(r"(?<![\w.)])\$?\.([A-Z][A-Za-z]*)", action)
        }

        assert roots <= {"Values"}, path.name


@pytest.mark.parametrize("path", VALUES, ids=str)
def test_the_release_changes_nothing(path: Path) -> None:
    chart = Chart.load(path.parents[2])

    assert chart.manifests(path) == chart.manifests(path, release="other", namespace="elsewhere")


@pytest.mark.parametrize("engine", ["cilium", "calico", "kubernetes"])
def test_both_charts_say_rules_in_the_same_words(engine: str) -> None:
    policy, baseline = (
        {
            match[1]: match[0]
            for match in DEFINE.finditer(
                (CHARTS / chart / "templates" / f"{engine}.yaml").read_text("utf-8")
            )
            if match[1].startswith(f"{engine}.")
        }
        for chart in NAMES[:2]
    )

    assert policy == baseline
    assert f"{engine}.egress" in policy


@pytest.mark.parametrize("chart", NAMES)
def test_a_chart_names_the_format_of_its_values(chart: str) -> None:
    meta = yaml.safe_load((CHARTS / chart / "Chart.yaml").read_text("utf-8"))

    assert meta["name"] == chart
    assert meta["apiVersion"] == "v2"
    assert meta["type"] == "application"
    assert meta["annotations"] == {"transire/values-format": "1"}
    assert "dependencies" not in meta
    assert (CHARTS / chart / ".helmignore").read_text("utf-8").splitlines()[-1] == "tests/"


@pytest.mark.parametrize("helm", ["sdk", "cli"])
@pytest.mark.parametrize("chart", NAMES)
def test_a_strict_lint_finds_nothing(chart: str, helm: HelmChoice) -> None:
    needs.helm(helm)
    for path in (None, *(each for each in VALUES if each.parents[2].name == chart)):
        assert lint(CHARTS / chart, path, helm=helm) == ()


RULE = {"name": "egress-allow-x", "layer": "allow", "source": "x", "from": {}}
TIER_RULE = {**RULE, "name": "egress.allow-x", "order": 200}
TO_HOST = {"fqdns": [{"matchName": "a.b"}], "ports": "all"}
TO_NET = {"nets": ["10.0.0.0/8"], "protocol": "TCP", "ports": [443]}
TO_BLOCK = {"cidrs": [{"cidr": "10.0.0.0/8"}], "ports": "all"}
NO_TO = "to must not be empty"
NO_DESTINATION = "to must name a destination"
NO_PORTS = "ports must be all or a list"


def without(item: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != key}


@pytest.mark.parametrize(
    ("engine", "rule", "words"),
    [
        ("cilium", {**RULE, "to": []}, NO_TO),
        ("cilium", RULE, NO_TO),
        ("cilium", {**RULE, "to": [{**TO_HOST, "fqdns": []}]}, NO_DESTINATION),
        ("cilium", {**RULE, "to": [{"ports": "all"}]}, NO_DESTINATION),
        ("cilium", {**RULE, "to": [{**TO_HOST, "ports": []}]}, NO_PORTS),
        ("cilium", {**RULE, "to": [without(TO_HOST, "ports")]}, NO_PORTS),
        ("cilium", {**RULE, "to": [{**TO_HOST, "ports": [{}]}]}, "ports must not be empty"),
        (
            "cilium",
            {**RULE, "to": [{**TO_HOST, "fqdns": [{}]}]},
            "a name needs matchName or matchPattern",
        ),
        ("cilium", {**without(RULE, "from"), "to": [TO_HOST]}, "from must be given"),
        ("calico", {**TIER_RULE, "to": []}, NO_TO),
        ("calico", {**TIER_RULE, "to": [{**TO_NET, "nets": []}]}, NO_DESTINATION),
        ("calico", {**TIER_RULE, "to": [{**TO_NET, "ports": []}]}, NO_PORTS),
        ("calico", {**TIER_RULE, "to": [without(TO_NET, "ports")]}, NO_PORTS),
        (
            "calico",
            {**TIER_RULE, "to": [{**without(TO_NET, "nets"), "networkSet": {"labels": {}}}]},
            "networkSet needs labels",
        ),
        ("calico", {**without(TIER_RULE, "from"), "to": [TO_NET]}, "from must be given"),
        ("kubernetes", {**RULE, "to": []}, NO_TO),
        ("kubernetes", {**RULE, "to": [{**TO_BLOCK, "cidrs": []}]}, NO_DESTINATION),
        ("kubernetes", {**RULE, "to": [{**TO_BLOCK, "ports": []}]}, NO_PORTS),
        ("kubernetes", {**RULE, "to": [without(TO_BLOCK, "ports")]}, NO_PORTS),
        ("kubernetes", {**without(RULE, "from"), "to": [TO_BLOCK]}, "from must be given"),
    ],
)
def test_what_is_empty_fails_even_where_the_schema_is_skipped(
    engine: str, rule: dict[str, Any], words: str
) -> None:
    values = {"engine": engine, "namespace": "a", "team": "a", "mode": "enforce", "source": "x"}
    tier = {"tier": {"name": "egress"}}
    fast = Chart.load(CHARTS / "egress-policy")._fast  # noqa: SLF001 - the chart without schema
    assert fast is not None
    request = Request(chart=CHARTS / "egress-policy")

    with pytest.raises(HelmFailed, match=re.escape(words)):
        sdk.templates(fast.chart, {**values, **tier, "rules": [rule]}, request)


def labels_in(node: Object, prefix: str) -> dict[str, str]:
    """The labels of a selector in the engine's own form."""
    return {
        key.removeprefix(prefix): value
        for key, value in node.get("matchLabels", {}).items()
        if key.startswith(prefix)
    }


def selected(each: Object, engine: str) -> dict[str, str]:
    """The pod labels that an object selects by."""
    spec = each["spec"]
    if engine == "cilium":
        return labels_in(spec["endpointSelector"], "k8s:")
    if engine == "kubernetes":
        return labels_in(spec["podSelector"], "")
    return dict(re.findall(r"(\S+) == '([^']*)'", spec["selector"]))


def passes(each: Mapping[str, Any]) -> bool:
    """Whether it is what lets everything pass in audit."""
    return bool(each["metadata"]["labels"].get("transire/layer") == "audit")


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_text_comes_out_as_it_went_in(engine: str) -> None:
    @settings(max_examples=60)
    @given(policy_values(engine))
    def check(values: dict[str, Any]) -> None:
        found = {
            each["metadata"]["name"]: each
            for each in objects("egress-policy", values)
            if not each["kind"].endswith("NetworkSet") and not passes(each)
        }

        for rule in values["rules"]:
            each = found[rule["name"]]
            assert rule["source"] == each["metadata"]["annotations"]["transire/source"]
            assert rule["layer"] == each["metadata"]["labels"]["transire/layer"]
            assert values["team"] == each["metadata"]["labels"]["transire/team"]
            assert values["namespace"] == each["metadata"]["namespace"]
            assert rule["from"] == selected(each, engine)
            assert len(rule["to"]) == len(each["spec"]["egress"])
        denies = 0 if (engine, values["mode"]) == ("cilium", "audit") else 1
        assert len(values["rules"]) + denies == len(found)

    check()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_baseline_renders_every_rule_for_every_enrolled_namespace(engine: str) -> None:
    @settings(max_examples=60)
    @given(baseline_values(engine))
    def check(values: dict[str, Any]) -> None:
        found = [
            each
            for each in objects("egress-baseline", values)
            if "Set" not in each["kind"] and "Admission" not in each["kind"] and not passes(each)
        ]

        expected = 0
        for mode in ("enforce", "audit"):
            part = values[mode]
            each_alone = engine == "kubernetes" or mode == "audit"
            copies = len(part["namespaces"]) if each_alone else 1
            denies = 0 if (engine, mode) == ("cilium", "audit") else 1
            if part["namespaces"]:
                expected += copies * (len(part["rules"]) + denies)
        assert expected == len(found)
        assert all(each["metadata"].get("namespace") is None for each in found) or (
            engine == "kubernetes"
        )

    check()


def test_the_test_values_hold_every_kind_of_destination() -> None:
    kinds = {
        kind
        for engine in ENGINES
        for rule in base_values("egress-policy", engine)["rules"]
        for item in rule["to"]
        for kind in item
    }

    assert {
        *("fqdns", "cidrs", "endpoints", "entities", "pods", "set", "nets", "notNets"),
        *("service", "networkSet", "ports", "protocol"),
    } == kinds
