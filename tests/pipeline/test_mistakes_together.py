"""One run names all mistakes: none hides another, and none is one that follows from another."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from support.paths import ROOT
from support.policy_repository import edit
from transire.model.problems import Rejected
from transire.pipeline.compile import compile_values

DAY = date(2026, 1, 1)
PLATFORM = "values/platform.yaml"
PAYMENTS = "values/teams/payments.yaml"
ANALYTICS = "values/teams/analytics.yaml"
IDENTITY = "values/teams/identity.yaml"
EXCEPTIONS = "values/exceptions.yaml"

EXPIRED = (ANALYTICS, "expires: 2036-06-30", "expires: 2020-06-30")
EXPIRED_FOUND = f"{ANALYTICS} expired-entry"

Edit = tuple[str, str, str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "values", tmp_path / "values")
    return tmp_path


def found(root: Path, *edits: Edit) -> list[str]:
    """Paths and ids of every problem after the edits."""
    for path, before, after in edits:
        edit(root, path, before, after)
    with pytest.raises(Rejected) as refused:
        compile_values(root, as_of=DAY)
    return [f"{each.at.path} {each.id}" for each in refused.value.problems]


@pytest.mark.parametrize(
    ("mistake", "its_id"),
    [
        ((PLATFORM, "gitops: flux", "gitops: fluxx"), "unknown-value"),
        ((PLATFORM, "gitops: flux", "gitops: helmfile"), "unknown-value"),
        ((PLATFORM, "engine: cilium", "engine: antrea"), "unknown-engine"),
        ((PLATFORM, "engine: cilium", "engin: cilium"), "unknown-key"),
        ((PLATFORM, "guardrails:", "guardrail:"), "unknown-key"),
        ((PLATFORM, "clusters:", "cluster:"), "unknown-key"),
        ((PLATFORM, "maxHostsPerTeam: 50", "maxHostsPerTeam: many"), "wrong-type"),
        ((PLATFORM, "requireTicketFor: [wildcard", "requireTicketFor: [star"), "unknown-value"),
        ((PLATFORM, "enrol: [batch]", "enrol: batch"), "wrong-type"),
        ((PLATFORM, "to: [time.example.com]", "to: [10.0.0.1:80]"), "bad-host"),
        ((PLATFORM, "publish:", "publihs:"), "unknown-key"),
        ((PAYMENTS, "team: payments", "team: [payments]"), "wrong-type"),
        ((PAYMENTS, "contact:", "contct:"), "unknown-key"),
        ((PAYMENTS, "egress:", "egres:"), "unknown-key"),
        ((PAYMENTS, "[prod-eu, prod-onprem]", "[prod-eu, prod-onprm]"), "unknown-cluster"),
        ((EXCEPTIONS, "until: 2036-12-31", "until: soon"), "bad-date"),
        ((EXCEPTIONS, "approvedBy:", "approvdBy:"), "unknown-key"),
        (("values/bundles/github.yaml", "owner:", "ower:"), "unknown-key"),
        (("values/bundles/github.yaml", "api.github.com", "api.github.com:443"), "bad-host"),
    ],
    ids=lambda each: each[2] if isinstance(each, tuple) else each,
)
def test_a_mistake_hides_nothing_in_another_file_and_makes_no_finding_of_its_own(
    root: Path, mistake: Edit, its_id: str
) -> None:
    expected = sorted([f"{mistake[0]} {its_id}", EXPIRED_FOUND])

    assert sorted(found(root, mistake, EXPIRED)) == expected


@pytest.mark.parametrize(
    ("mistakes", "expected"),
    [
        pytest.param(
            [
                (PAYMENTS, "reason: charge cards", "resaon: charge cards"),
                (PAYMENTS, "expires: 2036-03-31", "expires: 2020-03-31"),
                (PAYMENTS, "    ticket: SEC-1507\n", ""),
            ],
            ["unknown-key", "expired-entry", "cidr-needs-ticket"],
            id="in other rules",
        ),
        pytest.param(
            [(PAYMENTS, "expires: 2036-03-31", "exipres: 2020-03-31")],
            ["unknown-key", "expired-entry"],
            id="what is below a misspelt key is read all the same",
        ),
        pytest.param(
            [
                (PAYMENTS, '["**.storage.example.net"]', '["**.storage.example.net", "a b"]'),
                (PAYMENTS, "expires: 2036-03-31", "expires: 2020-03-31"),
                (PAYMENTS, "    ticket: SEC-1412\n", ""),
            ],
            ["bad-host", "expired-entry", "wildcard-needs-ticket"],
            id="in the other fields of a rule",
        ),
        pytest.param(
            [
                (PAYMENTS, "ticket: SEC-1507", "ticket: [SEC-1507]"),
                (PAYMENTS, "reason: send the nightly", 'reason: "\\a'),
                (PAYMENTS, "settlement file\n", 'settlement file"\n'),
            ],
            ["wrong-type", "bad-text"],
            id="no reason and no ticket is missed that could not be read",
        ),
        pytest.param(
            [
                (PAYMENTS, "from: {app: settlement}", "from: settlement"),
                (PAYMENTS, "[{cidr: 198.51.100.16/28}]", "[{cidr: 10.80.4.0/24}]"),
            ],
            ["wrong-type", "private-cidr"],
            id="a range beside a source that could not be read",
        ),
    ],
)
def test_mistakes_in_one_file_are_all_found(
    root: Path, mistakes: list[Edit], expected: list[str]
) -> None:
    assert sorted(found(root, *mistakes)) == sorted(f"{PAYMENTS} {each}" for each in expected)


def test_an_exception_with_a_mistake_does_not_show_what_it_lets_pass(root: Path) -> None:
    assert found(root, (EXCEPTIONS, "until: 2036-12-31", "until: 2036-13-31")) == [
        f"{EXCEPTIONS} bad-date"
    ]


def test_an_exception_for_a_rule_that_is_misspelt_shows_beside_what_it_was_for(root: Path) -> None:
    assert found(root, (EXCEPTIONS, "entry: directory", "entry: direcotry")) == [
        f"{EXCEPTIONS} leftover-exception",
        f"{IDENTITY} private-cidr",
    ]


def test_what_an_engine_refuses_shows_beside_a_mistake_in_another_team(root: Path) -> None:
    mistakes = (
        (PAYMENTS, "contact:", "contct:"),
        (ANALYTICS, "    approximate: [narrow]", "    #"),
    )

    assert found(root, *mistakes) == [
        f"{ANALYTICS} host-not-expressible",
        f"{PAYMENTS} unknown-key",
    ]


def test_a_team_that_is_named_hears_of_its_own_and_of_what_everybody_shares(root: Path) -> None:
    edit(root, PLATFORM, "gitops: flux", "gitops: fluxx")
    edit(root, *EXPIRED)
    edit(root, PAYMENTS, "expires: 2036-03-31", "expires: 2020-03-31")
    with pytest.raises(Rejected) as refused:
        compile_values(root, ["payments"], as_of=DAY)

    assert [f"{each.at.path} {each.id}" for each in refused.value.problems] == [
        f"{PLATFORM} unknown-value",
        f"{PAYMENTS} expired-entry",
    ]


def test_a_date_that_has_passed_is_shown_where_it_stands(root: Path) -> None:
    edit(root, *EXPIRED)
    with pytest.raises(Rejected) as refused:
        compile_values(root, as_of=DAY)

    assert str(refused.value) == (
        "values/teams/analytics.yaml:21:14: error: 'trial' expired on 2020-06-30 (expired-entry)\n"
        "  help: remove the entry, or agree on a new date and write it in expires"
    )


@pytest.mark.parametrize(
    "broken",
    [
        (PLATFORM, "kind: Platform", "kind: [Platform"),
        (PLATFORM, "kind: Platform", "kind:\tPlatform"),
        (EXCEPTIONS, "kind: Exceptions", "kind: [Exceptions"),
        (IDENTITY, "kind: TeamEgress", "kind: [TeamEgress"),
        ("values/bundles/github.yaml", "kind: Bundle", "kind: [Bundle"),
    ],
    ids=lambda each: f"{each[0]} {each[2]}",
)
def test_a_file_that_is_no_yaml_hides_nothing_in_another(root: Path, broken: Edit) -> None:
    seen = found(root, broken, EXPIRED)

    assert EXPIRED_FOUND in seen
    assert {each.split()[0] for each in seen} == {broken[0], ANALYTICS}


def test_a_guardrail_that_an_unreadable_platform_may_have_turned_off_is_not_judged(
    root: Path,
) -> None:
    turned_off = (PLATFORM, "  maxHostsPerTeam: 50", "  expired-entry: off")
    broken = (PLATFORM, "kind: Platform", "kind: [Platform")

    assert EXPIRED_FOUND not in found(root, turned_off, broken, EXPIRED)


def test_what_an_unreadable_file_of_exceptions_may_let_pass_is_not_judged(root: Path) -> None:
    seen = found(root, (EXCEPTIONS, "kind: Exceptions", "kind: [Exceptions"))

    assert {each.split()[0] for each in seen} == {EXCEPTIONS}
