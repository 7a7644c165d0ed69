"""`report --logs`: a column, a picture and keys for what logs saw of the entries."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from support.paths import ROOT
from support.policy_repository import run
from support.review.browser import installed, phone, said, show
from support.synthetic_logs import Reach, World, written
from transire.api import REPORT_FORMATS, report
from transire.review.report.facts import Report
from transire.review.report.json_document import report_schema, report_tree
from transire.review.report.use import EntryUse, Seen, together

AS_OF = "2026-07-05"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month in which `identity` on prod-eu reaches one host of its rule `federation`."""
    host = "login.partner.example"
    reach = Reach(namespace="identity", app="web", host=host, port=443, addresses=("45.1.2.3",))
    lines = written(
        World(cluster="prod-eu", days=31, passed=(reach,), denied=(), noise=0.1), 7
    ).lines
    path = tmp_path_factory.mktemp("log") / "events.log"
    path.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(log: Path) -> Report:
    return report(ROOT, logs=log, days=30, cluster="prod-eu")


def uses(found: Report, team: str, rule: str) -> dict[str, EntryUse]:
    assert found.uses is not None
    return {
        str(getattr(key[2], "pattern", key[2])): use
        for key, use in found.uses.entries.items()
        if key[:2] == (team, rule)
    }


def test_an_entry_is_used_unused_or_unknown_over_all_targets(found: Report) -> None:
    federation = [each.seen for each in uses(found, "identity", "federation").values()]
    (directory,) = uses(found, "identity", "directory").values()

    assert sorted(federation) == [Seen.UNUSED, Seen.USED]
    assert (directory.seen, directory.why) == (
        Seen.UNKNOWN,
        ("1 of 2 targets are not looked at",),
    )


def test_what_is_unused_on_one_target_and_unknown_on_another_is_unknown() -> None:
    unused, unknown = EntryUse(seen=Seen.UNUSED), EntryUse(seen=Seen.UNKNOWN, why=("thin",))
    used = EntryUse(seen=Seen.USED, count=2)

    assert together([unused, unknown]) == unknown
    assert together([unused, used, unknown]) == used
    assert together([unused, unused]) == unused


def test_json_and_csv_have_the_uses(found: Report) -> None:
    tree = report_tree(found)
    jsonschema.Draft7Validator(json.loads(report_schema())).validate(tree)
    rows = list(csv.DictReader(REPORT_FORMATS["csv"](found).splitlines()))
    one = next(each for each in rows if each["destination"] == "login.partner.example")

    assert tree["use"]["days"] == 30
    assert (one["use"], one["last use"]) == ("used", "2026-07-01")
    assert int(one["times"]) > 30
    assert {each["use"] for each in rows if each["team"] == "everyone"} == {""}


def test_without_logs_nothing_of_it_is_there() -> None:
    without = report(ROOT)
    page = REPORT_FORMATS["html"](without)

    assert "use" not in report_tree(without)
    assert "last use</th>" not in page
    assert "times" not in REPORT_FORMATS["csv"](without).splitlines()[0].split(",")


def test_names_of_workloads_are_left_out_on_request(log: Path) -> None:
    shown = run(ROOT, "report", "--logs", str(log), "--cluster", "prod-eu", "--days", "30",
                "--redact", "--format", "json")  # fmt: skip
    document = json.loads(shown.out)
    names = {
        name
        for team in document["teams"]
        for rule in team["rules"]
        for each in rule["to"]
        for name in each.get("use", {}).get("workloads", [])
    }

    assert names == {"workload-1"}


@installed
def test_the_page_shows_a_column_a_picture_and_filters(
    found: Report, chromium: Chrome, tmp_path: Path
) -> None:
    show(chromium, REPORT_FORMATS["html"](found), tmp_path / "report.html")
    head = [each.text for each in chromium.find_elements(By.CSS_SELECTOR, "#rules th")]
    all_of_them = rows(chromium)
    federation = next(each for each in all_of_them if "federation" in each)

    assert head[-1] == "last use"
    assert federation.endswith("times\n1 of 2 not used")
    assert "login.partner.example 2026-07-01, " in federation
    assert len(chromium.find_elements(By.CSS_SELECTOR, "#use .plot rect")) == 9
    chromium.get(f"{chromium.current_url.partition('#')[0]}#?state=unused")
    chromium.refresh()
    left = rows(chromium)
    assert 0 < len(left) < len(all_of_them)
    assert all("not used" in each for each in left)
    assert said(chromium) == []
    with phone(chromium, 390, 844):
        wide = chromium.execute_script("return document.documentElement.scrollWidth")
        assert wide == 390


def rows(driver: Chrome) -> list[str]:
    """The text of every row of the list."""
    script = "return [...document.querySelectorAll('#rules tbody tr')].map((row) => row.innerText)"
    found: list[str] = driver.execute_script(script)
    return found
