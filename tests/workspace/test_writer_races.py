"""Runs that start at once in a new repository, where nothing is there to meet at yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.workspace.trees import AFTER, contents, fresh
from support.workspace.two_runs import ROUNDS, WANTED, two_runs
from transire.model.problems import Rejected
from transire.workspace.file_plan import Owner, Plan
from transire.workspace.safe_folder import Folder, FolderEntry
from transire.workspace.writer import apply


@pytest.mark.slow("whole runs of the program")
def test_two_runs_that_start_at_once_in_a_new_repository_both_succeed(tmp_path: Path) -> None:
    wrong = two_runs(tmp_path, ROUNDS)

    assert wrong == []
    expected = fresh(tmp_path, WANTED)
    assert all(contents(tmp_path / str(number)) == expected for number in range(ROUNDS))
    assert not list(tmp_path.glob("*/.transire/lock"))


def test_files_that_another_run_writes_between_two_looks_are_not_taken_for_somebodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    earlier = Plan(
        units=tuple(
            Owner(name=unit.name, files=dict.fromkeys(unit.files, b"earlier"))
            for unit in AFTER.units
        )
    )
    real, waiting = Folder.look, [earlier]

    def overtaken(folder: Folder, path: str) -> FolderEntry:
        """The manifests are read, the files are not: now the other run does all its work."""
        if waiting:
            apply(root, waiting.pop())
            folder.forget()
        return real(folder, path)

    monkeypatch.setattr(Folder, "look", overtaken)
    apply(root, AFTER)

    assert waiting == []
    assert fresh(tmp_path, AFTER) == contents(root)


def test_somebodys_file_is_named_also_where_no_lock_can_be_taken(tmp_path: Path) -> None:
    (tmp_path / ".transire").write_text("mine")
    path = tmp_path / "charts/teams/ledger/Chart.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("mine")

    with pytest.raises(Rejected) as rejected:
        apply(tmp_path, AFTER)

    assert "charts/teams/ledger/Chart.yaml: error: this file was not generated" in str(
        rejected.value
    )
    assert (tmp_path / ".transire").read_text() == path.read_text() == "mine"
