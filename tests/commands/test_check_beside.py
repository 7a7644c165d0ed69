"""A mistake in one team's values hides nothing in the charts of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import copy_example, edit, run

AS_OF = ("--as-of", "2026-11-23")
MISTAKE = (
    "values/teams/payments.yaml:11:5: error: 'resaon' is not a key of item 1 of 'egress' "
    "(unknown-key)\n  help: write reason\n"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = copy_example(tmp_path)
    assert run(folder, "generate", *AS_OF).code == 0
    edit(folder, "values/teams/payments.yaml", "reason: charge cards", "resaon: charge cards")
    return folder


def test_a_generated_file_that_somebody_edited_shows(repository: Path) -> None:
    path = "charts/teams/ledger/README.md"
    (repository / path).write_text("mine\n", encoding="utf-8")
    checked = run(repository, "check", *AS_OF)

    assert checked.code == 1
    assert checked.out == (
        f"{path}: error: this generated file was changed by hand (edited-file)\n"
        "  help: change the values instead, delete the file and run `transire generate ledger`\n"
        f"{MISTAKE}2 errors\n"
    )


def test_what_the_next_run_writes_does_not(repository: Path) -> None:
    (repository / "charts/teams/ledger/README.md").unlink()
    checked = run(repository, "check", *AS_OF)

    assert (checked.code, checked.out) == (1, f"{MISTAKE}1 error\n")


def test_what_could_not_be_looked_at_is_no_secret(repository: Path) -> None:
    chart = "charts/egress-policy/templates/cilium.yaml"
    (repository / chart).write_text('{{ fail "no" }}\n', encoding="utf-8")
    checked = run(repository, "check", *AS_OF)

    assert checked.code == 1
    assert MISTAKE in checked.out
    assert len(checked.out.splitlines()) > 3


def test_where_only_the_team_with_the_mistake_is_named_others_are_left_alone(
    repository: Path,
) -> None:
    (repository / "charts/teams/ledger/README.md").write_text("mine\n", encoding="utf-8")
    checked = run(repository, "check", "payments", *AS_OF)

    assert (checked.code, checked.out) == (1, f"{MISTAKE}1 error\n")
