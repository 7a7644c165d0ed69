"""The report as a page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.draw.strategies import organisations
from support.review.browser import asked_for, browser, installed, said, show
from support.review.report_examples import example, report_on, with_words
from transire.meaning.hosts import matches
from transire.model.intent import Organisation
from transire.model.names import HostPattern
from transire.model.net import contains, parse_cidr
from transire.review.report.facts import Report, every_reach
from transire.review.report.html import as_html

pytestmark = installed

ADDRESS = parse_cidr("10.20.30.40")
"""As a host it is what a guardrail warns of; the page must find it either way."""

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
    "<!-- ]]> \u202egnp.exe\u202c \" ' ` & \\ ${1} \u2028 \x00"
)
SEEN = HOSTILE.replace("\u202e", "\\u202e").replace("\u202c", "\\u202c")
SEEN = SEEN.replace("\u2028", "\\u2028").replace("\x00", "\\u0000")

FOUND = """
const choice = {q: "", team: "", cluster: "", environment: "", sort: "", state: [], ...arguments[0]};
const result = search(choice);
const name = (each) => `${each.team}/${each.rule.name}`;
return [result.covering.map(name), result.found.map(name)];
"""


@pytest.fixture
def opened(chromium: Chrome, tmp_path: Path) -> Chrome:
    """The example's report."""
    show(chromium, as_html(example()), tmp_path / "report.html")
    return chromium


def found(driver: Chrome, **choice: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401 - JSON
    covering, everything = driver.execute_script(FOUND, choice)
    return covering, everything


def rows(driver: Chrome) -> list[str]:
    return [each.text for each in driver.find_elements(By.CSS_SELECTOR, "#rules tbody tr")]


def sentence(driver: Chrome) -> str:
    return driver.find_element(By.ID, "found").text


@pytest.mark.parametrize(
    ("typed", "covering"),
    [
        ("api.stripe.com", ["payments/card-processing"]),
        ("https://API.stripe.com:443/v1", ["payments/card-processing"]),
        ("a.b.storage.example.net", ["payments/receipts"]),
        ("storage.example.net", []),
        ("de.search.example.com", ["storefront/search"]),
        ("a.de.search.example.com", []),
        ("img-eu.cdn.example.com", ["storefront/images"]),
        ("img.cdn.example.com", []),
        ("bücher.example", ["ledger/exchange-rates"]),
        ("xn--bcher-kva.example", ["ledger/exchange-rates"]),
        ("198.51.100.20", ["payments/settlement"]),
        ("198.51.100.32", []),
        ("10.80.4.7", ["identity/directory"]),
        ("time.example.com", ["*/time"]),
        ("nowhere.example.org", []),
    ],
)
def test_a_host_or_an_address_finds_what_covers_it(
    opened: Chrome, typed: str, covering: list[str]
) -> None:
    assert covering == found(opened, q=typed)[0]


def test_what_only_mentions_a_host_comes_after_what_covers_it(opened: Chrome) -> None:
    covering, everything = found(opened, q="github.com")

    assert covering == ["payments/source-control"]
    assert everything == covering


@pytest.mark.parametrize(
    ("cluster", "where", "begins"),
    [
        ("", "analytics.prod-onprem", "Allowed although not meant: *.warehouse.example.io"),
        ("prod-onprem", "analytics.prod-onprem", "Allowed although not meant: *.warehouse.example.io"),
    ],
)  # fmt: skip
def test_a_host_that_an_approximation_lets_through_is_found(
    opened: Chrome, cluster: str, where: str, begins: str
) -> None:
    """No pattern of the values covers it, but what the engine was told does."""
    opened.get(
        f"{opened.current_url.partition('#')[0]}#?q=a.b.warehouse.example.io&cluster={cluster}"
    )
    (row,) = rows(opened)

    assert begins in row
    assert where in row


def test_where_the_approximation_is_not_the_host_is_not_found(opened: Chrome) -> None:
    assert found(opened, q="a.b.warehouse.example.io", cluster="prod-us") == ([], [])


def test_a_host_that_an_approximation_leaves_out_is_said_to_be(opened: Chrome) -> None:
    opened.get(f"{opened.current_url.partition('#')[0]}#?q=a.b.c.d.e.collect.example.io")
    (row,) = rows(opened)

    assert "Meant although not allowed: **.collect.example.io is narrowed to" in row


def test_a_search_for_a_host_names_what_is_in_audit(opened: Chrome) -> None:
    """There nothing is blocked, so no rule is needed."""
    opened.get(f"{opened.current_url.partition('#')[0]}#?q=nowhere.example.org")

    assert sentence(opened) == (
        "No rule covers nowhere.example.org. In audit, and so open to all of it: "
        "payments-staging.staging."
    )


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ({"team": "factory"}, ["factory/controllers", "factory/keys"]),
        ({"team": "messaging", "q": "voice"}, ["messaging/voice", "messaging/voice-media"]),
        ({"team": "messaging", "q": "time.example.com"}, ["*/time"]),
        ({"team": "factory", "q": "time.example.com"}, []),
        ({"team": "*"}, ["*/time"]),
        ({"cluster": "edge"}, ["factory/controllers", "factory/keys", "identity/directory", "identity/node-agents"]),
        ({"environment": "staging", "state": ["wildcard"]}, ["payments/receipts", "storefront/images", "storefront/search"]),
        ({"environment": "prod", "state": ["delegated"]}, []),
        ({"state": ["range"]}, ["factory/controllers", "identity/directory", "messaging/voice-media", "payments/settlement"]),
        ({"state": ["near"]}, ["analytics/collectors", "analytics/warehouses"]),
        ({"state": ["near"], "cluster": "prod-us"}, ["analytics/collectors"]),
        ({"state": ["audit", "wildcard"]}, ["payments/receipts"]),
        ({"state": ["ending"]}, []),
        ({"q": "SEC-1412"}, ["payments/receipts"]),
        ({"q": "oncall plugins"}, ["payments/source-control"]),
        ({"q": "app=voice udp"}, ["messaging/voice", "messaging/voice-media"]),
        ({"q": "calico@3.30 stripe"}, ["payments/card-processing-test"]),
    ],
)  # fmt: skip
def test_filters_leave_what_fits_all_of_them(
    opened: Chrome, choice: dict[str, Any], names: list[str]
) -> None:
    assert names == found(opened, **choice)[1]


def test_what_is_chosen_is_drawn_and_stands_in_the_address(opened: Chrome) -> None:
    opened.find_element(By.NAME, "q").send_keys("settlement")
    opened.find_element(By.CSS_SELECTOR, "option[value=prod-eu]").click()
    chosen = "#?q=settlement&cluster=prod-eu"
    WebDriverWait(opened, 60).until(lambda one: one.current_url.endswith(chosen))

    assert sentence(opened) == "2 rules of 1 team"
    assert "settlement\npayments-oncall@example.com\n198.51.100.16/28 addresses" in rows(opened)[1]

    opened.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    every = "24 rules of 7 teams and everyone"

    WebDriverWait(opened, 60).until(lambda one: sentence(one) == every)


def test_a_figure_and_a_team_lead_to_their_rules(opened: Chrome) -> None:
    opened.find_element(By.LINK_TEXT, "names nobody listed").click()

    assert sentence(opened) == "5 rules of 3 teams"

    opened.find_element(By.CSS_SELECTOR, "#exposure a").click()

    assert sentence(opened) == "4 rules of 1 team and everyone"


def test_what_needs_no_rule_is_said(opened: Chrome) -> None:
    everyone = opened.find_element(By.ID, "everyone").text

    assert "the resolvers of its cluster, for names" in everyone
    assert "pods of its own namespace, on every port" in everyone
    assert "Never governed: egress-proxy, kube-system, openshift-dns." in everyone


def test_hostile_words_are_only_words(chromium: Chrome, tmp_path: Path) -> None:
    show(chromium, as_html(with_words(example(), HOSTILE)), tmp_path / "report.html")
    body = chromium.find_element(By.TAG_NAME, "body").text

    assert chromium.title == "Egress report"
    assert SEEN.replace("  ", " ") in rows(chromium)[0]
    assert body.count("\\u202egnp.exe\\u202c") > 12
    assert "\u202e" not in body
    assert not chromium.find_elements(By.TAG_NAME, "img")
    assert said(chromium) == []
    assert {(tmp_path / "report.html").as_uri(), "data:,"} >= set(asked_for(chromium))


def test_long_lists_are_drawn_when_they_are_asked_for(chromium: Chrome, tmp_path: Path) -> None:
    known = example()
    team = known.teams[-2]
    many = tuple(
        replace(team, team=replace(team.team, name=f"team-{each:03}")) for each in range(200)
    )
    show(chromium, as_html(replace(known, teams=many)), tmp_path / "report.html")

    assert len(rows(chromium)) == 12

    chromium.find_element(By.CSS_SELECTOR, "#rules button").click()

    assert len(rows(chromium)) == 72
    assert len(found(chromium)[1]) == 200 * 7 + 1


def test_paper_gets_what_is_folded_away(chromium: Chrome, tmp_path: Path) -> None:
    show(chromium, as_html(example()), tmp_path / "report.html")
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")

    assert len(rows(chromium)) == 25 - 1
    assert chromium.execute_script(
        "return [...document.querySelectorAll('details')].every((one) => one.open)"
    )


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_sticks_out_of_the_window(opened: Chrome, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        wide = opened.execute_script("return document.documentElement.scrollWidth")
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert wide <= width


def test_every_control_has_a_name_and_every_heading_its_place(opened: Chrome) -> None:
    without_name = opened.execute_script(
        "return [...document.querySelectorAll('input, select')].filter((one) => !one.labels.length)"
    )
    levels = [int(each.tag_name[1]) for each in opened.find_elements(By.CSS_SELECTOR, "h1, h2, h3")]

    assert without_name == []
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@pytest.fixture(scope="module")
def unscripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("unscripted"), scripts=False) as driver:
        yield driver


def test_without_scripts_every_rule_is_in_a_table(unscripted: Chrome, tmp_path: Path) -> None:
    show(unscripted, as_html(example()), tmp_path / "report.html")
    for each in unscripted.find_elements(By.CSS_SELECTOR, "noscript summary"):
        each.click()
    body = unscripted.find_element(By.ID, "reach").text

    assert all(reach.rule.name in body for _, reach in every_reach(example()))
    assert "storage.example.net any depth delegated" in body
    assert not unscripted.find_element(By.ID, "filter").is_displayed()


@given(organisation=organisations())
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],  # a browser is too slow to shrink in
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_page_finds_what_the_model_covers(
    chromium: Chrome, tmp_path: Path, organisation: Organisation
) -> None:
    """Over drawn organisations, for a name that each pattern means and some that none does."""
    report = report_on(organisation)
    names = sorted(
        {host.pattern.example() for _, reach in every_reach(report) for host in reach.rule.hosts}
        | {near.example for _, reach in every_reach(report) for near, _ in reach.approximated}
        | {"a.example.com", "no.such.name", "10.20.30.40"}
    )
    show(chromium, as_html(report), tmp_path / "report.html")

    for name in names:
        assert expected(report, name) == found(chromium, q=name)[0], name
    assert said(chromium) == []


def expected(report: Report, name: str) -> list[str]:
    """The rules that mean the name, or whose policies let it through by consent."""
    return [
        f"{team.team.name if team else '*'}/{reach.rule.name}"
        for team, reach in every_reach(report)
        if any(matches(each.pattern, name) for each in reach.rule.hosts)
        or any(
            matches(HostPattern(each), name)
            for near, _ in reach.approximated
            for each in near.became
        )
        or (
            name == "10.20.30.40"
            and any(contains(each.cidr, ADDRESS) for each in reach.rule.ranges)
        )
    ]
