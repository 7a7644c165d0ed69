"""`transire expiring` as people run it, and the schedule that `init --upgrade` brings."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import contents, copy_example, edit, git, run

DATES = ".github/workflows/egress-expiring.yml"
ACTION = ".github/actions/transire/action.yml"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return copy_example(tmp_path)


def test_what_has_ended_is_shown_although_generate_refuses_it(repository: Path) -> None:
    edit(repository, "values/teams/payments.yaml", "expires: 2036-03-31", "expires: 2026-11-01")
    day = ("--as-of", "2026-11-30")

    ran = run(repository, "expiring", *day)

    assert run(repository, "generate", *day).code == 1
    assert (ran.code, ran.out) == (
        0,
        (
            "rule receipts of payments ended on 2026-11-01, 29 days ago: write receipts to object storage\n"
            "  values/teams/payments.yaml:23:14, payments-oncall@example.com; then nothing can be "
            "published for it until somebody edits the entry\n"
        ),
    )
    assert (
        run(repository, "expiring", "--team", "ledger", *day).out == "nothing ends by 2026-12-30\n"
    )
    assert run(
        repository, "expiring", "--owner", "security@example.com", "--days", "0", *day
    ).out == ("nothing ends by 2026-11-30\n")


def test_a_team_that_is_not_there_and_days_below_none_are_refused(repository: Path) -> None:
    ran = run(repository, "expiring", "--team", "nobody")

    assert (ran.code, ran.err) == (
        2,
        (
            "there is no team 'nobody'; the teams are analytics, factory, identity, ledger, messaging, "
            "payments, storefront\n"
        ),
    )
    assert run(repository, "expiring", "--days", "-1").code == 2


def test_a_calendar_has_an_event_for_each_end(repository: Path) -> None:
    text = run(repository, "expiring", "--days", "9999", "--format", "ics").out

    assert text.startswith("BEGIN:VCALENDAR")
    assert text.rstrip().endswith("END:VCALENDAR")
    assert text.count("BEGIN:VEVENT") == 3


def test_upgrade_adds_the_schedule_once_and_renews_it_where_it_is(tmp_path: Path) -> None:
    run(tmp_path, "init", ".")
    fresh = contents(tmp_path)
    assert DATES in fresh

    (tmp_path / DATES).unlink()
    assert f"b/{DATES}" not in run(tmp_path, "init", "--upgrade").out
    assert not (tmp_path / DATES).exists()

    (tmp_path / ACTION).write_text(
        "# docs/pipelines.md of transire explains it.\nname: old\n", "utf-8"
    )
    run(tmp_path, "init", "--upgrade")
    assert {path: contents(tmp_path)[path] for path in (DATES, ACTION)} == {
        path: fresh[path] for path in (DATES, ACTION)
    }

    (tmp_path / DATES).write_text("name: older\n", "utf-8")
    run(tmp_path, "init", "--upgrade")
    assert contents(tmp_path)[DATES] == fresh[DATES]


def test_in_a_larger_repository_the_schedule_is_that_of_the_first_folder(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    run(tmp_path, "init", "one")
    first = contents(tmp_path)[DATES]
    assert b'directory: "one"' in first

    (tmp_path / ACTION).write_text("# docs/pipelines.md of transire explains it.\n", "utf-8")
    (tmp_path / DATES).unlink()
    run(tmp_path, "init", "--upgrade", "one")
    assert contents(tmp_path)[DATES] == first

    for command in (("init", "two"), ("init", "--upgrade", "two")):
        ran = run(tmp_path, *command)
        assert contents(tmp_path)[DATES] == first
        assert (
            f"../{DATES}: warning: {DATES} at the top of the Git repository holds something else, "
            "and stays (file-of-others)\n"
            "  help: add a job with command: expiring to it, with uses: ./.github/actions/transire "
            "and directory: two, as `transire docs pipelines` shows\n"
        ) in ran.err
