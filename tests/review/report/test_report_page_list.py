"""What the list of a report does besides: near misses, orders, a table, small screens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.review.browser import installed, phone, said, show
from support.review.report_examples import example
from transire.model.origin import Origin
from transire.review.report.csv_form import as_csv
from transire.review.report.facts import every_reach
from transire.review.report.html import as_html

pytestmark = installed


@pytest.fixture
def opened(chromium: Chrome, tmp_path: Path) -> Chrome:
    """The example's report."""
    show(chromium, as_html(example()), tmp_path / "report.html")
    return chromium


def rows(driver: Chrome) -> list[str]:
    return [each.text for each in driver.find_elements(By.CSS_SELECTOR, "#rules tbody tr")]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("cdn.example.com", ["one label short of img-*.cdn.example.com (storefront: images)"]),
        ("storage.example.net", ["one label short of **.storage.example.net (payments: receipts)"]),
        (
            "a.de.search.example.com",
            ["one label too many for *.search.example.com (storefront: search)"],
        ),
        ("www.api.stripe.com", ["one label below api.stripe.com (payments: card-processing)"]),
        (
            "stripe.com",
            [
                "one label above api.stripe.com (payments: card-processing)",
                "one label above files.stripe.com (payments: card-processing)",
            ],
        ),
        ("api.strype.com", ["one letter from api.stripe.com (payments: card-processing)"]),
        ("198.51.100.32", ["near 198.51.100.16/28, and outside of it (payments: settlement)"]),
        ("nowhere.example.org", []),
        ("com", []),
        ("192.0.2.1", []),
        ("api.stripe.com", []),
    ],
)
def test_what_just_misses_a_host_or_an_address_is_named(
    opened: Chrome, typed: str, near: list[str]
) -> None:
    opened.execute_script(f"location.hash = '#?q={typed}'")

    assert near_misses(opened, len(near)) == near


def near_misses(driver: Chrome, count: int) -> list[str]:
    WebDriverWait(driver, 10).until(
        lambda one: len(one.find_elements(By.CSS_SELECTOR, "#found .near li")) == count
    )
    return [each.text for each in driver.find_elements(By.CSS_SELECTOR, "#found .near li")]


def test_the_list_is_put_in_the_chosen_order(opened: Chrome) -> None:
    opened.execute_script("location.hash = '#?sort=ends'")
    WebDriverWait(opened, 10).until(lambda one: "2036" in rows(one)[0])
    ends = [each.rule.expires for _, each in every_reach(example()) if each.rule.expires]

    assert len(ends) > 1
    for row, end in zip(rows(opened), sorted(map(str, ends)), strict=False):
        assert end in row


def test_what_is_listed_is_handed_over_as_the_table_of_the_command(
    chromium: Chrome, tmp_path: Path
) -> None:
    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    show(chromium, as_html(example()), tmp_path / "report.html")
    chromium.find_element(By.ID, "csv").click()
    written = tmp_path / "egress.csv"
    WebDriverWait(chromium, 20).until(lambda _: written.exists() and written.stat().st_size)

    assert written.read_text(encoding="utf-8") == as_csv(example())
    assert said(chromium) == []


def test_organisation_repository_and_commit_stand_at_the_top(
    chromium: Chrome, tmp_path: Path
) -> None:
    origin = Origin(
        organisation="Example <Ltd>", repository="git.example.com/a", commit="0a1b2c3d4e5f6071",
        is_modified=True,
    )  # fmt: skip
    show(chromium, as_html(replace(example(), origin=origin)), tmp_path / "report.html")

    assert chromium.find_element(By.CSS_SELECTOR, ".top .origin").text == (
        "Example <Ltd>, git.example.com/a at 0a1b2c3d4e5f with changes"
    )


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844)])
def test_on_a_phone_the_first_rule_is_on_the_first_screen(
    chromium: Chrome, tmp_path: Path, width: int, height: int
) -> None:
    with phone(chromium, width, height):
        show(chromium, as_html(example()), tmp_path / "report.html")
        top = chromium.execute_script(
            "return document.querySelector('#rules tbody tr').getBoundingClientRect().top"
        )
        folded = not chromium.find_element(By.ID, "filter").is_displayed()

    assert 0 < top < height - 100
    assert folded
