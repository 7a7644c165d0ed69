"""Every case folder: what one cluster's engine makes of one target or baseline, byte for byte.

A folder holds `case.yaml` and what is expected: `values.yaml` with `remarks.txt` where there is
something to say beside the values, or `problems.txt`. No other file may be there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support.engines.lowering_parts import baseline, cluster, lowered, refusals, target
from transire.meaning.target import Baseline, Lowered, Target
from transire.yamlio import write

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "cases").rglob("case.yaml"))
CHARTS = HERE.parent.parent / "charts"


def case_of(folder: Path) -> Target | Baseline:
    text = yaml.safe_load((folder / "case.yaml").read_text())
    here = cluster(**text.pop("cluster"))
    if "baseline" in text:
        return baseline(here, **text.pop("baseline"), **text)
    return target(here, **text)


def said(result: Lowered) -> str:
    lines = [
        *(
            f"approximated: {each.rule}: {each.written} {each.how} to {', '.join(each.became)}, "
            f"for example {each.example}"
            for each in result.approximated
        ),
        *(f"delegated: {each.rule}: {each.host} to {each.to}" for each in result.delegated),
        *(f"remark: {each.rule}: {each.text} ({each.id})" for each in result.remarks),
    ]
    return "".join(f"{line}\n" for line in lines)


def outcome(what: Target | Baseline) -> dict[str, str]:
    problems = refusals(what)
    if problems:
        return {"problems.txt": "".join(f"{each}\n" for each in problems)}
    result = lowered(what)
    files = {"values.yaml": write(result.values)}
    beside = said(result)
    return {**files, "remarks.txt": beside} if beside else files


@pytest.mark.parametrize("folder", CASES, ids=lambda path: str(path.relative_to(HERE / "cases")))
def test_a_case_lowers_to_the_bytes_in_its_folder(folder: Path, *, update_golden: bool) -> None:
    actual = outcome(case_of(folder))
    if update_golden:
        for path in folder.iterdir():
            if path.name != "case.yaml":
                path.unlink()
        for name, text in actual.items():
            (folder / name).write_text(text)

    expected = {
        path.name: path.read_text() for path in folder.iterdir() if path.name != "case.yaml"
    }
    assert expected == actual


@pytest.mark.parametrize("folder", CASES, ids=lambda path: str(path.relative_to(HERE / "cases")))
def test_the_values_of_a_case_pass_the_chart_s_schema(folder: Path) -> None:
    what = case_of(folder)
    chart = "egress-baseline" if isinstance(what, Baseline) else "egress-policy"
    schema: dict[str, Any] = json.loads((CHARTS / chart / "values.schema.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    values = yaml.safe_load((folder / "values.yaml").read_text()) if refusals(what) == [] else None

    assert values is None or [str(each) for each in validator.iter_errors(values)] == []


def test_there_are_cases_for_every_engine_and_both_outcomes() -> None:
    names = {path.relative_to(HERE / "cases").parts[0] for path in CASES}
    outcomes = {path.name for folder in CASES for path in folder.iterdir()}

    assert {"calico", "calico-enterprise", "cilium", "kubernetes"} == names
    assert {"case.yaml", "problems.txt", "remarks.txt", "values.yaml"} == outcomes
