"""`transire report` as a person runs it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

import transire
from support.policy_repository import copy_example, edit, run
from transire.review.report.json_document import report_schema

AS_OF = ("--as-of", "2026-11-23")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("organisation"))


def test_a_page_is_printed(repository: Path) -> None:
    ran = run(repository, "report", *AS_OF)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith('<!doctype html>\n<html lang="en">')
    assert ran.out.endswith("</html>\n")


def test_json_is_printed_and_keeps_its_schema(repository: Path) -> None:
    ran = run(repository, "report", "--format", "json", *AS_OF)

    assert (ran.code, ran.err) == (0, "")
    jsonschema.Draft7Validator(json.loads(report_schema())).validate(json.loads(ran.out))


@pytest.mark.slow("long runs in a repository")
def test_the_same_day_gives_the_same_bytes(repository: Path) -> None:
    pages = [run(repository, "report", *AS_OF, PYTHONHASHSEED=each).out for each in ("1", "2")]

    assert pages[0] == pages[1]


def test_nothing_is_written(repository: Path) -> None:
    before = sorted(repository.rglob("*"))

    run(repository, "report", *AS_OF)

    assert sorted(repository.rglob("*")) == before


def test_the_verb_is_a_function_too(repository: Path) -> None:
    report = transire.report(repository, as_of=date(2026, 11, 23))

    assert [each.team.name for each in report.teams][:2] == ["analytics", "factory"]


def test_a_warning_is_among_the_findings(repository: Path) -> None:
    ran = run(repository, "report", "--format", "json", "--as-of", "2036-03-10")
    (finding,) = [each for each in json.loads(ran.out)["findings"] if "receipts" in each["message"]]

    assert finding == {
        "path": "values/teams/payments.yaml",
        "line": 23,
        "column": 14,
        "level": "warning",
        "rule": "expires-soon",
        "message": "'receipts' expires on 2036-03-31",
        "help": "remove the entry before that day, or agree on a new date",
    }


def test_values_that_are_wrong_give_no_report(tmp_path: Path) -> None:
    folder = copy_example(tmp_path)
    edit(folder, "values/teams/payments.yaml", "files.stripe.com", "files.stripe.com/v1")

    ran = run(folder, "report", *AS_OF)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "values/teams/payments.yaml:13:26: error: 'files.stripe.com/v1' has a path behind the host "
        "(bad-host)\n  help: write files.stripe.com\n"
    )


def test_a_day_that_is_past_for_an_entry_gives_no_report(repository: Path) -> None:
    ran = run(repository, "report", "--as-of", "2036-07-01")

    assert (ran.code, ran.out) == (1, "")
    assert "'trial' expired on 2036-06-30 (expired-entry)" in ran.err
