"""The same files are values on the disk and in commits, and what is not read is stated."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.policy_repository import edit
from support.review.diffed_example import AS_OF, commit, copy, organisation
from transire.api import check, diff
from transire.model.problems import Level

TEAM = "values/teams/payments.yaml"
LEDGER = """\
apiVersion: transire/v1
kind: TeamEgress
team: reports
contact: reports@example.com
namespaces: {reports: [prod-eu]}
egress: [{name: own, reason: read reports, to: [reports.example.net]}]
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.mark.slow("long runs in a repository")
def test_values_that_git_ignores_are_compared_and_reported(root: Path) -> None:
    (root / ".gitignore").write_text("/values/teams/reports.yaml\n", encoding="utf-8")
    commit(root)
    (root / "values/teams/reports.yaml").write_text(LEDGER, encoding="utf-8")

    assert [each.name for each in diff(root, base="HEAD", as_of=AS_OF).targets] == [
        "reports.prod-eu"
    ]
    assert [str(each) for each in check(root, as_of=AS_OF) if each.id == "ignored-values"] == [
        (
            "values/teams/reports.yaml: warning: Git ignores values/teams/reports.yaml: it is read "
            "here, and no commit has it (ignored-values)\n"
            "  help: take it out of .gitignore, or move it elsewhere"
        )
    ]


@pytest.mark.slow("long runs in a repository")
def test_a_hidden_file_is_read_neither_from_the_disk_nor_from_a_commit(root: Path) -> None:
    (root / "values/teams/.reports.yaml").write_text(LEDGER, encoding="utf-8")
    head = commit(root)
    note = "values/teams/.reports.yaml is not a values file, and is not read"

    for found in (
        diff(root, base="main", head=head, as_of=AS_OF),
        diff(root, base="main", as_of=AS_OF),
    ):
        assert found.notes == (note,)
        assert found.targets == ()
    assert [each.id for each in check(root, as_of=AS_OF) if each.level is Level.ERROR] == [
        "unknown-file"
    ]


def test_what_nothing_hides_has_no_note(root: Path) -> None:
    edit(root, TEAM, "reason: ", "reason: again ")

    assert diff(root, base="main", as_of=AS_OF).notes == ()
