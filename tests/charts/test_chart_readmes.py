"""What the READMEs of the charts show is what the charts do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import needs
from support.charts.built_in_schemas import BUILT_IN
from support.engines.crds import complaints, schemas_in
from support.paths import CHARTS
from support.shared_data import shared
from transire.helm import Chart, render
from transire.yamlio import write

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.fixture(autouse=True)
def _sdk() -> None:
    needs.helm("sdk")


def blocks(chart: str, language: str) -> list[str]:
    text = (CHARTS / chart / "README.md").read_text("utf-8")
    return [body for written, body in BLOCK.findall(text) if written == language]


def test_the_worked_example_renders_what_the_readme_shows(tmp_path: Path) -> None:
    values, expected, *_ = blocks("egress-policy", "yaml")
    path = tmp_path / "egress.yaml"
    path.write_text(values)

    assert expected == f"{render(CHARTS / 'egress-policy', path)}\n"


def test_the_worked_example_can_be_audited_first(tmp_path: Path) -> None:
    path = tmp_path / "egress.yaml"
    path.write_text(f'{blocks("egress-policy", "yaml")[0]}mode: "audit"\n')

    found = Chart.load(CHARTS / "egress-policy").manifests(path)

    assert [each.body["spec"]["enableDefaultDeny"] for each in found] == [{"egress": False}] * 2


def test_the_baseline_of_the_readme_renders(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(blocks("egress-baseline", "yaml")[0])

    found = Chart.load(CHARTS / "egress-baseline").manifests(path)

    assert [(each.ref.kind, each.ref.name) for each in found] == [
        ("ValidatingAdmissionPolicy", "egress-baseline"),
        ("ValidatingAdmissionPolicyBinding", "egress-baseline"),
        ("CiliumClusterwideNetworkPolicy", "egress-baseline-deny"),
        ("CiliumClusterwideNetworkPolicy", "egress-baseline-dns"),
    ]


@pytest.mark.parametrize(
    ("place", "release"),
    [
        (2, "cilium/v1.19-dev"),
        (3, "calico-oss/v3.32.1/projectcalico.org-v3"),
        (4, "network-policy-api/v0.2.0/standard"),
    ],
)
def test_the_policies_of_break_glass_are_whole(place: int, release: str) -> None:
    folder = shared(f"crds/{release}")
    if folder is None:
        pytest.skip(needs.DEFINITIONS)
    each: dict[str, Any] = yaml.safe_load(blocks("egress-policy", "yaml")[place])
    schemas = {**schemas_in(folder), **BUILT_IN}
    if each["apiVersion"] == "networking.k8s.io/v1":
        # Our own schema is of what the chart writes, which never allows everything.
        assert each["spec"]["egress"] == [{}]
        each["spec"].pop("egress")

    assert complaints([each], schemas) == []


def documented() -> list[str]:
    text = (CHARTS.parent / "docs" / "chart-values.md").read_text("utf-8")
    return [body for _, body in BLOCK.findall(text)]


@pytest.mark.parametrize(
    ("chart", "place"), [("egress-policy", 0), ("egress-baseline", 6), ("egress-tier", 7)]
)
def test_documented_values_render(chart: str, place: int, tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(documented()[place])

    assert Chart.load(CHARTS / chart).manifests(path)


@pytest.mark.parametrize(
    ("engine", "place"), [("cilium", 2), ("kubernetes", 3), ("calico-enterprise", 4)]
)
def test_documented_items_render(engine: str, place: int, tmp_path: Path) -> None:
    calico = engine.startswith("calico")
    (rule,) = yaml.safe_load(documented()[1])
    items = yaml.safe_load(documented()[place])
    order = rule.pop("order")
    if engine == "kubernetes":
        rule.pop("serviceAccount")
    rule |= {"to": items, **({"order": order, "name": "egress.allow-x"} if calico else {})}
    values = {
        **yaml.safe_load(documented()[0]),
        "engine": engine,
        "rules": [rule],
        **({"tier": {"name": "egress"}, "sets": yaml.safe_load(documented()[5])} if calico else {}),
    }
    path = tmp_path / "values.yaml"
    path.write_text(write(values))

    found = Chart.load(CHARTS / "egress-policy").manifests(path)

    (allow,) = (each for each in found if each.ref.name == rule["name"])
    assert len(items) == len(allow.body["spec"]["egress"])
