"""The schemas of the charts' values are those of this release, however they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.policy_repository import copy_example, run

Tree = dict[str, Any]
HELP = "  help: run `transire init --upgrade`, which renews it and shows what it changes"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "policies")


def edited(root: Path, chart: str, change: Callable[[Tree], object], *, indent: int = 2) -> str:
    """The path of the chart's schema, after the change."""
    path = f"charts/{chart}/values.schema.json"
    schema = json.loads((root / path).read_text(encoding="utf-8"))
    change(schema)
    (root / path).write_text(json.dumps(schema, indent=indent), encoding="utf-8")
    return path


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize(
    ("chart", "change", "message"),
    [
        (
            "egress-policy",
            lambda schema: schema["definitions"]["label"].pop("maxLength"),
            "has nothing at /definitions/label/maxLength, and that of this release 63",
        ),
        (
            "egress-baseline",
            lambda schema: schema["definitions"]["part"]["required"].remove("sets"),
            "has nothing at /definitions/part/required/2, and that of this release 'sets'",
        ),
        (
            "egress-tier",
            lambda schema: schema["properties"]["tier"]["properties"]["order"].update(maximum=2e6),
            (
                "has 2000000.0 at /properties/tier/properties/order/maximum, and that of this "
                "release 999999"
            ),
        ),
        (
            "egress-tier",
            lambda schema: schema["properties"].update(more={"type": "string"}),
            "has {'type': 'string'} at /properties/more, and that of this release nothing",
        ),
    ],
)
def test_a_schema_that_takes_something_else_is_found(
    root: Path, chart: str, change: Callable[[Tree], object], message: str
) -> None:
    path = edited(root, chart, change)
    ran = run(root, "generate")

    assert ran.code == 1
    assert f"{path}: error: the schema {message} (chart-schema)\n{HELP}" in ran.err + ran.out


@pytest.mark.slow("a whole run of the program")
def test_the_layout_of_a_schema_is_free(root: Path) -> None:
    for chart in ("egress-policy", "egress-baseline", "egress-tier"):
        edited(root, chart, lambda _: None, indent=7)

    assert run(root, "generate").code == 0


@pytest.mark.slow("whole runs of the program")
def test_an_upgrade_is_the_way_out(root: Path) -> None:
    edited(root, "egress-policy", lambda schema: schema["definitions"]["label"].clear())
    assert run(root, "generate").code == 1
    assert run(root, "init", "--upgrade").code == 0

    assert run(root, "generate").code == 0
