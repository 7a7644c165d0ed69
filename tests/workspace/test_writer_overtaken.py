"""Somebody saves a file while a run is writing it: what they saved stays, and the run says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.workspace.trees import BEFORE, contents
from transire.model.problems import DiskFailed
from transire.workspace import run
from transire.workspace.beside import write_beside
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.ownership import JOURNAL_LIMIT, LIMIT, Journal, read_journal, write_journal
from transire.workspace.writer import apply

VALUES = "values/teams/payments.yaml"
MINE, OURS, THEIRS = b"before\n", b"after\n", b"what somebody saves meanwhile\n"
EDIT = Plan(units=BEFORE.units, edits=(Edit(path=VALUES, before=MINE, after=OURS),))
MESSAGE = f"cannot write {VALUES}: it was changed while transire was running; nothing was changed"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / VALUES).parent.mkdir(parents=True)
    (tmp_path / VALUES).write_bytes(MINE)
    return tmp_path


def replaced(file: Path) -> None:
    """Save as most editors do: a new file takes the name of the old one."""
    file.with_suffix(".swp").write_bytes(THEIRS)
    file.with_suffix(".swp").replace(file)


def rewritten(file: Path) -> None:
    """Save as others do, into the file that is there."""
    file.write_bytes(THEIRS)


@pytest.mark.parametrize("save", [replaced, rewritten, Path.unlink])
def test_what_is_saved_between_looking_and_writing_stays(
    root: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Path], None]
) -> None:
    journal_of = vars(run)["_journal_of"]

    def late(seen: Any) -> Any:  # noqa: ANN401 - hands on what it gets
        save(root / VALUES)
        return journal_of(seen)

    monkeypatch.setattr(run, "_journal_of", late)
    with pytest.raises(DiskFailed) as failed:
        apply(root, EDIT)

    assert str(failed.value) == MESSAGE
    assert contents(root) == ({} if save is Path.unlink else {VALUES: THEIRS})


def test_what_is_written_into_the_replaced_file_comes_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, real = os.open(root / VALUES, os.O_WRONLY | os.O_TRUNC), os.replace
    os.write(opened, MINE)

    def slow(source: str, name: str, **folders: Any) -> None:  # noqa: ANN401 - stands for any call
        real(source, name, **folders)
        if name == "payments.yaml" and source.startswith("new"):
            os.pwrite(opened, THEIRS, 0)

    monkeypatch.setattr(os, "replace", slow)
    with pytest.raises(DiskFailed) as failed:
        apply(root, EDIT)
    os.close(opened)

    assert str(failed.value) == MESSAGE
    assert contents(root) == {VALUES: THEIRS}


def test_a_clock_that_goes_back_changes_nothing(root: Path) -> None:
    apply(root, EDIT)
    for path in root.rglob("*"):
        os.utime(path, (4_000_000_000, 4_000_000_000))

    assert apply(root, Plan(units=BEFORE.units)).written == ()
    changed = Plan(units=BEFORE.units, edits=(Edit(path=VALUES, before=OURS, after=MINE),))
    assert apply(root, changed).written == (VALUES,)


@pytest.mark.slow("ten thousand teams")
def test_a_journal_may_be_about_ten_thousand_teams() -> None:
    units = {
        f"teams/t{team}": {
            f"charts/teams/t{team}/templates/{number}.yaml": frozenset({"0" * 64, "1" * 64})
            for number in range(10)
        }
        for team in range(10_000)
    }
    written = write_journal(Journal(units=units))

    assert LIMIT < len(written) < JOURNAL_LIMIT
    assert read_journal(written).units == units


@pytest.mark.parametrize("left", [b"", b"half of an earlier"])
def test_files_beside_are_written_over_what_a_killed_run_left(tmp_path: Path, left: bytes) -> None:
    (tmp_path / ".a.md.new").write_bytes(left)

    write_beside(tmp_path, {"a.md": b"all", "teams/b.md": b"of it"})

    assert contents(tmp_path) == {"a.md": b"all", "teams/b.md": b"of it"}


def test_files_beside_that_a_full_disk_refuses_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_bytes(b"old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DiskFailed) as failed:
        write_beside(tmp_path, {"a.md": b"new"})

    assert str(failed.value) == f"cannot write {tmp_path}/a.md: No space left on device"
    assert contents(tmp_path) == {"a.md": b"old"}
