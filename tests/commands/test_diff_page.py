"""A diff as a page, in a real browser."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.policy_repository import edit, run
from support.review.browser import asked_for, browser, installed, phone, said, show
from support.review.diffed_example import changed, organisation
from transire.api import DIFF_FORMATS
from transire.model.origin import Origin
from transire.review.diff.changes import Diff, Reason
from transire.review.diff.grouped_targets import grouped
from transire.review.diff.json_document import document
from transire.review.diff.risk_level import RiskLevel

pytestmark = installed

TEAM, PLATFORM = "values/teams/payments.yaml", "values/platform.yaml"
HOSTILE = "</script><img src=x onerror=document.title='owned'>\u202egnp \" ' & \x00"
SEEN = HOSTILE.replace("\u202e", "\\u202e").replace("\x00", "\\u0000")

FOUND = """
const choice = {q: "", team: "", cluster: "", sort: "", risk: [], class: [], what: [], ...arguments[0]};
const result = search(choice);
const name = (each) => each.targets.map((one) => `${one.namespace}.${one.cluster}`).join(" ");
return [result.speaking.map(name), result.found.map(name)];
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two teams of the example after a change that does a bit of everything."""
    folder = organisation(tmp_path_factory.mktemp("organisation"))
    edit(folder, TEAM, "files.stripe.com]", 'files.stripe.com, "**.adyen.com"]\n    ticket: SEC-1')
    edit(folder, TEAM, "198.51.100.16/28", "198.51.100.0/27")
    edit(folder, TEAM, "mode: audit", "mode: enforce")
    edit(folder, TEAM, '"**.storage.example.net"', "a.storage.example.net")
    edit(folder, "values/teams/identity.yaml", "login.supplier.example]", "login.neu.example]")
    edit(folder, PLATFORM, "inCluster: same-namespace", "inCluster: declared")
    return folder


@pytest.fixture(scope="module")
def diff(root: Path) -> Diff:
    return changed(root)


@pytest.fixture
def opened(chromium: Chrome, tmp_path: Path, diff: Diff) -> Chrome:
    show(chromium, DIFF_FORMATS["html"](diff), tmp_path / "diff.html")
    return chromium


def found(driver: Chrome, **choice: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401 - JSON
    speaking, everything = driver.execute_script(FOUND, choice)
    return speaking, everything


def cards(driver: Chrome) -> list[str]:
    return [each.text for each in driver.find_elements(By.CSS_SELECTOR, "#cards > article")]


def test_the_page_is_what_the_command_prints(root: Path, diff: Diff) -> None:
    ran = run(root, "diff", "--base", "main", "--format", "html")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == DIFF_FORMATS["html"](diff)


def test_the_page_holds_the_document(opened: Chrome, diff: Diff) -> None:
    held = opened.execute_script("return JSON.stringify(pageData().diff)")

    assert json.loads(held) == json.loads(json.dumps(document(diff)))


def test_every_change_is_drawn_with_its_rows_and_reasons(opened: Chrome, diff: Diff) -> None:
    drawn = opened.execute_script(
        "return changes.map((each) => each.rows.map((row) => "
        "[row.sign, row.said, row.who, row.to, row.ports, row.example]))"
    )
    groups = grouped(diff.targets)

    assert drawn == [
        [
            [each.sign, each.effect, each.who, each.to, each.ports, each.example]
            for each in group.rows
        ]
        for group in groups
    ]
    assert any(drawn)
    for card, group in zip(cards(opened), groups, strict=True):
        assert card.startswith(f"{group.first.risk} {group.title} {group.first.change}\n")
        assert all(each.text in card for each in group.first.reasons)
        assert all(each in card for each in group.notes)


def test_the_biggest_risk_stands_first(opened: Chrome) -> None:
    levels = [str(level) for level in RiskLevel]
    ranks = [levels.index(each.split()[0]) for each in cards(opened)]

    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) > 1


@pytest.mark.parametrize(
    ("typed", "speaking"),
    [
        ("a.b.adyen.com", ["payments-prod.prod-eu", "payments-prod.prod-onprem"]),
        ("adyen.com", []),
        ("b.storage.example.net", ["payments-prod.prod-eu", "payments-prod.prod-onprem"]),
        ("a.storage.example.net", []),
        ("198.51.100.3", ["payments-prod.prod-eu", "payments-prod.prod-onprem"]),
        ("198.51.100.20", []),
        ("login.neu.example", ["identity.prod-eu"]),
    ],
)
def test_a_host_or_an_address_finds_the_changes_that_speak_of_it(
    opened: Chrome, typed: str, speaking: list[str]
) -> None:
    """Not those that leave it as it was."""
    assert speaking == sorted(place for each in found(opened, q=typed)[0] for place in each.split())


@pytest.mark.parametrize(
    ("text", "name", "holds"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com except bad.example.com", "bad.example.com", False),
        ("*.example.com except bad.example.com", "good.example.com", True),
        ("** except a.example.com and b.example.com", "b.example.com", False),
        ("** except a.example.com and (*.b.com except c.b.com)", "c.b.com", True),
        ("** except a.example.com and (*.b.com except c.b.com)", "d.b.com", False),
        ("*.example.com except something nobody reads", "a.example.com", True),
        ("something nobody reads", "a.example.com", True),
    ],
)
def test_a_set_in_words_is_read_so_that_nothing_is_missed(
    opened: Chrome, text: str, name: str, holds: bool
) -> None:
    assert holds is opened.execute_script("return namesHold(...arguments)", text, name)


@pytest.mark.parametrize(
    "choice",
    [
        {"team": "identity"},
        {"cluster": "staging"},
        {"risk": ["high"]},
        {"class": ["narrower", "incomparable"]},
        {"what": ["opens"]},
        {"what": ["closes"]},
        {"what": ["opens", "closes"], "cluster": "prod-eu"},
    ],
)
def test_filters_leave_what_fits_all_of_them(
    opened: Chrome, diff: Diff, choice: dict[str, Any]
) -> None:
    wanted = sorted(
        each.name
        for each in diff.targets
        if choice.get("team") in {None, each.side.team}
        and choice.get("cluster") in {None, each.cluster}
        and (not choice.get("risk") or each.risk in choice["risk"])
        and (not choice.get("class") or each.change in choice["class"])
        and ("opens" not in choice.get("what", ()) or each.change.opens)
        and ("closes" not in choice.get("what", ()) or each.change.closes)
    )

    assert wanted
    assert wanted == sorted(place for one in found(opened, **choice)[1] for place in one.split())


def test_objects_unfold_as_helm_renders_them(opened: Chrome, diff: Diff) -> None:
    summary = opened.find_element(By.CSS_SELECTOR, "#cards summary")
    assert not opened.find_elements(By.CSS_SELECTOR, "#cards pre")

    summary.click()
    WebDriverWait(opened, 60).until(lambda one: one.find_elements(By.CSS_SELECTOR, "#cards pre"))

    first = grouped(diff.targets)[0].first.objects[0]
    pre = opened.find_element(By.CSS_SELECTOR, "#cards pre")
    lines = [each.get_attribute("textContent") for each in pre.find_elements(By.TAG_NAME, "span")]
    assert lines == [each or "..." for each in first.lines]


def test_hostile_words_are_only_words(chromium: Chrome, tmp_path: Path, diff: Diff) -> None:
    reason = Reason(id="odd", level=RiskLevel.HIGH, text=HOSTILE)
    targets = tuple(
        replace(
            each,
            reasons=(reason,),
            unjudged=HOSTILE,
            objects=tuple(replace(one, lines=(f"+{HOSTILE}",)) for one in each.objects),
        )
        for each in diff.targets
    )
    odd = replace(diff, base=HOSTILE, head=HOSTILE, targets=targets)
    show(chromium, DIFF_FORMATS["html"](odd), tmp_path / "diff.html")
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")
    body = chromium.find_element(By.TAG_NAME, "body").text

    assert chromium.title == "Egress: something opens and something closes, risk high"
    assert body.count(SEEN) > len(targets)
    assert "\u202e" not in body
    assert not chromium.find_elements(By.TAG_NAME, "img")
    assert said(chromium) == []
    assert {(tmp_path / "diff.html").as_uri(), "data:,"} >= set(asked_for(chromium))


def test_no_change_is_a_page_too(chromium: Chrome, tmp_path: Path, diff: Diff) -> None:
    nothing = replace(diff, targets=(), settings=(), edited=(), shared=())
    show(chromium, DIFF_FORMATS["html"](nothing), tmp_path / "diff.html")

    assert chromium.title == "Egress: no change"
    assert "Nothing changes for any of" in chromium.find_element(By.TAG_NAME, "header").text
    assert cards(chromium) == []
    assert said(chromium) == []


def test_many_changes_are_drawn_when_they_are_asked_for(
    chromium: Chrome, tmp_path: Path, diff: Diff
) -> None:
    first = diff.targets[0]
    side = first.side
    many = tuple(
        replace(first, namespace=f"team-{each}", after=replace(side, team=f"team-{each}"))
        for each in range(300)
    )
    show(chromium, DIFF_FORMATS["html"](replace(diff, targets=many)), tmp_path / "diff.html")

    assert len(cards(chromium)) == 12
    assert len(found(chromium)[1]) == 300


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_sticks_out_of_the_window(opened: Chrome, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        opened.execute_script("dispatchEvent(new Event('beforeprint'))")
        wide = opened.execute_script("return document.documentElement.scrollWidth")
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert wide <= width


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844)])
def test_on_a_phone_the_first_change_is_on_the_first_screen(
    chromium: Chrome, tmp_path: Path, diff: Diff, width: int, height: int
) -> None:
    with phone(chromium, width, height):
        show(
            chromium,
            DIFF_FORMATS["html"](replace(diff, out_of_step=(), refused=())),
            tmp_path / "diff.html",
        )
        top = chromium.execute_script(
            "return document.querySelector('#cards article').getBoundingClientRect().top"
        )

    assert 0 < top < height - 100


def test_organisation_repository_and_commit_stand_at_the_top(
    chromium: Chrome, tmp_path: Path, diff: Diff
) -> None:
    origin = Origin(organisation="Example", repository="git.example.com/a", commit="0a1b2c3d4e5f60")
    show(chromium, DIFF_FORMATS["html"](replace(diff, origin=origin)), tmp_path / "diff.html")

    assert chromium.find_element(By.CSS_SELECTOR, ".top .origin").text == (
        "Example, git.example.com/a at 0a1b2c3d4e5f"
    )


def test_the_changes_are_put_in_the_chosen_order(opened: Chrome, diff: Diff) -> None:
    opened.execute_script("location.hash = '#?sort=lines'")
    lines = "return latest.map((each) => each.rows.length)"
    counts = opened.execute_script(lines)

    assert sorted(counts, reverse=True) == WebDriverWait(opened, 10).until(
        lambda one: (found := one.execute_script(lines)) == sorted(found, reverse=True) and found
    )
    assert len(counts) == len(grouped(diff.targets))


def test_what_is_listed_is_handed_over_as_a_table(
    chromium: Chrome, tmp_path: Path, diff: Diff
) -> None:
    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    show(chromium, DIFF_FORMATS["html"](diff), tmp_path / "diff.html")
    chromium.find_element(By.ID, "csv").click()
    written = tmp_path / "egress-changes.csv"
    WebDriverWait(chromium, 20).until(lambda _: written.exists() and written.stat().st_size)
    table = list(csv.reader(written.read_text(encoding="utf-8").splitlines()))

    assert table[0][:6] == ["risk", "class", "team", "namespace", "cluster", "effect"]
    rows = [len(each.targets) * len(each.rows) for each in grouped(diff.targets)]
    assert len(table) == 1 + sum(rows)
    assert said(chromium) == []


@pytest.fixture(scope="module")
def unscripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("unscripted"), scripts=False) as driver:
        yield driver


def test_without_scripts_the_same_is_told(unscripted: Chrome, tmp_path: Path, diff: Diff) -> None:
    show(unscripted, DIFF_FORMATS["html"](diff), tmp_path / "diff.html")
    body = unscripted.find_element(By.ID, "changes").text

    assert len(unscripted.find_elements(By.CSS_SELECTOR, "noscript article")) == len(
        grouped(diff.targets)
    )
    for group in grouped(diff.targets):
        assert all(each.to in body for each in group.rows)
        assert all(each.text in body for each in group.first.reasons)
