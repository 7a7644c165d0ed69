"""What weighs more in production, and the risk of each line by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from support.review.reviewed import NOTHING, changed, hosts, ports, seen, side, some
from transire.model.ends import End
from transire.model.intent import Mode
from transire.review.diff import risk
from transire.review.diff.compare import Seen
from transire.review.diff.risk_level import RiskLevel

WEB = some(app="web")
KNOWN = hosts("known.example", "x.net", "y.org", who=WEB)
LIVE = side(environment="prod-eu")
UNTIL = [End.on(date(2027, 1, 31)), End.on(date(2027, 6, 30))]


def reasons(before: Seen, after: Seen) -> list[str]:
    return [f"{each.level}: {each.text} ({each.id})" for each in changed(before, after).reasons]


def test_in_production_what_opens_counts_one_level_higher() -> None:
    found = reasons(seen(KNOWN, LIVE), seen(KNOWN | hosts("*.a.example"), LIVE))

    assert found == [
        "high: *.a.example has hosts that nobody listed (wildcard)",
        "medium: the first host of a.example (domain)",
        "medium: every pod of the namespace to *.a.example (every-pod)",
        "low: prod-eu is production (production)",
    ]


def test_in_production_an_ordinary_host_is_still_said_to_open_there() -> None:
    found = changed(seen(KNOWN, LIVE), seen(KNOWN | hosts("api.known.example", who=WEB), LIVE))

    assert [(each.id, each.level) for each in found.reasons] == [("production", RiskLevel.LOW)]


def test_in_production_access_that_is_taken_while_other_is_given_is_said_too() -> None:
    after = hosts("api.known.example", who=WEB)

    assert reasons(seen(KNOWN, LIVE), seen(after, LIVE)) == [
        (
            "medium: access is taken away in prod-eu, which is production: what still uses it "
            "breaks (closed)"
        ),
        "low: prod-eu is production (production)",
    ]


def test_in_production_access_that_is_taken_away_is_said_to_be() -> None:
    assert reasons(seen(KNOWN, LIVE), seen(NOTHING, LIVE)) == [
        (
            "medium: access is taken away in prod-eu, which is production: what still uses it breaks "
            "(closed)"
        )
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("prod", True), ("Production", True), ("live-eu", True), ("preprod", False), ("", False)],
)
def test_production_is_known_by_its_name(*, environment: str, expected: bool) -> None:
    assert risk.is_production(side(environment=environment)) is expected


def test_an_audit_that_goes_on_for_longer_weighs_more_in_production() -> None:
    before, after = (
        replace(side(Mode.AUDIT, environment="prod"), until=each) for each in UNTIL[:2]
    )

    assert reasons(seen(KNOWN, before), seen(KNOWN, after)) == [
        (
            "high: audit goes on, so nothing is dropped for longer: it ended 2027-01-31 and ends "
            "2027-06-30 (audit-longer)"
        )
    ]


def test_each_line_has_the_risk_of_its_own_reasons() -> None:
    new = hosts("*.a.example", who=WEB) | hosts("api.known.example", who=WEB, on=ports(22))
    found = changed(seen(KNOWN | hosts("old.example"), LIVE), seen(KNOWN | new, LIVE))

    assert {each.destinations[0].text: each.risk for each in (*found.gains, *found.losses)} == {
        "*.a.example": RiskLevel.HIGH,
        "api.known.example": RiskLevel.MEDIUM,
        "old.example": RiskLevel.MEDIUM,
    }


def test_an_ordinary_line_in_production_has_the_risk_of_production() -> None:
    found = changed(seen(KNOWN, LIVE), seen(KNOWN | hosts("api.known.example", who=WEB), LIVE))

    assert [each.risk for each in found.gains] == [RiskLevel.LOW]
