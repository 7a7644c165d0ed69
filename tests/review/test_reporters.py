"""The same findings in every format, in full."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from transire.model.problems import Level, Position, Problem
from transire.review.reporters.registry import REPORTERS

FINDINGS = (
    Problem(
        at=Position(path="values/teams/a b.yaml", line=14, column=11),
        id="no-world-cidr",
        message='egress to "0.0.0.0/0" is <not> allowed, 100%',
        help="name the hosts",
    ),
    Problem(
        at=Position(path="values/teams/a b.yaml", line=20, column=5),
        id="expires-soon",
        level=Level.WARNING,
        message="'trial' expires on 2026-12-01",
        help="remove it",
    ),
    Problem(at=Position(path="values/x.yaml"), id="not-utf-8", message="odd", help="convert it"),
)

TEXT = """\
values/teams/a b.yaml:14:11: error: egress to "0.0.0.0/0" is <not> allowed, 100% (no-world-cidr)
  help: name the hosts
values/teams/a b.yaml:20:5: warning: 'trial' expires on 2026-12-01 (expires-soon)
  help: remove it
values/x.yaml: error: odd (not-utf-8)
  help: convert it
2 errors, 1 warning
"""

GITHUB = """\
::error file=values/teams/a b.yaml,line=14,col=11,title=no-world-cidr::egress to "0.0.0.0/0" is <not> allowed, 100%25; name the hosts
::warning file=values/teams/a b.yaml,line=20,col=5,title=expires-soon::'trial' expires on 2026-12-01; remove it
::error file=values/x.yaml,title=not-utf-8::odd; convert it
"""


@pytest.mark.parametrize(("name", "expected"), [("text", TEXT), ("github", GITHUB)])
def test_lines_are_exactly_these(name: str, expected: str) -> None:
    assert expected == REPORTERS[name](FINDINGS)


@pytest.mark.parametrize(("name", "expected"), [("text", "no findings\n"), ("github", "")])
def test_no_findings_say_so(name: str, expected: str) -> None:
    assert expected == REPORTERS[name](())


@pytest.mark.parametrize("findings", [FINDINGS, ()])
def test_json_keeps_its_schema(findings: tuple[Problem, ...]) -> None:
    schema = files("transire.review.reporters").joinpath("findings.schema.json").read_text()

    answer = json.loads(REPORTERS["json"](findings))

    jsonschema.Draft7Validator(json.loads(schema)).validate(answer)
    assert [each.message for each in findings] == [each["message"] for each in answer["findings"]]


def test_sarif_names_place_rule_and_level() -> None:
    run = json.loads(REPORTERS["sarif"](FINDINGS))["runs"][0]

    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert ids == ["expires-soon", "no-world-cidr", "not-utf-8"]
    assert [each["ruleIndex"] for each in run["results"]] == [1, 0, 2]
    assert [each["level"] for each in run["results"]] == ["error", "warning", "error"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "values/teams/a%20b.yaml"},
        "region": {"startLine": 14, "startColumn": 11},
    }
    assert "region" not in run["results"][2]["locations"][0]["physicalLocation"]


def test_junit_counts_errors_as_failures_and_nothing_else() -> None:
    root = ET.fromstring(REPORTERS["junit"](FINDINGS))  # noqa: S314 - our own text

    assert [(each.get("tests"), each.get("failures")) for each in root] == [("2", "1"), ("1", "1")]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.text == str(FINDINGS[0])


def test_junit_without_findings_is_a_run_that_passed() -> None:
    root = ET.fromstring(REPORTERS["junit"](()))  # noqa: S314 - our own text

    assert [each.get("name") for each in root.iter("testcase")] == ["no findings"]
