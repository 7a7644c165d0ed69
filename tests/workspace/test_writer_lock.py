"""Runs that meet: the second waits, a dead one's lock stops nobody, nothing is lost."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from support.workspace.trees import AFTER, contents, fresh
from transire.model.problems import DiskFailed, Rejected
from transire.workspace.drift import survey
from transire.workspace.file_plan import Edit, Owner, Plan
from transire.workspace.safe_folder import PathKind, open_folder
from transire.workspace.writer import Outcome, apply, status


def hold(root: Path) -> int:
    """Take the lock as another process would."""
    (root / ".transire").mkdir(exist_ok=True)
    held = os.open(root / ".transire/lock", os.O_RDWR | os.O_CREAT)
    os.write(held, b"4711\n")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def test_a_run_does_not_write_while_another_does(tmp_path: Path) -> None:
    held = hold(tmp_path)

    with pytest.raises(DiskFailed) as failed:
        apply(tmp_path, AFTER, patience=0)

    os.close(held)
    expected = (
        "another run of transire (process 4711) is writing here; run the command again when it has "
        "ended"
    )
    assert expected == str(failed.value)
    assert list(contents(tmp_path)) == [".transire/lock"]


def test_a_run_waits_for_another_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = hold(tmp_path)
    waits: list[float] = []

    def let_go_at_the_third(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            (tmp_path / ".transire/lock").unlink()
            os.close(held)

    monkeypatch.setattr("transire.workspace.lock.time.sleep", let_go_at_the_third)
    apply(tmp_path, AFTER, patience=600)

    assert len(waits) == 3
    assert fresh(tmp_path, AFTER).items() <= contents(tmp_path).items()


def test_a_lock_whose_file_was_replaced_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, real, calls = tmp_path / ".transire/lock", fcntl.flock, []

    def replaced(descriptor: int, operation: int) -> None:
        calls.append(os.fstat(descriptor).st_ino)
        real(descriptor, operation)
        if len(calls) == 1:
            lock.rename(tmp_path / "old")
            lock.touch()

    monkeypatch.setattr(fcntl, "flock", replaced)
    apply(tmp_path, AFTER)

    assert len(set(calls)) == len(calls) == 2


def test_a_folder_that_the_run_before_has_just_removed_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open
    gone: list[str] = []

    def removed(name: Any, flags: int, *rest: Any, **named: Any) -> int:  # noqa: ANN401 - any call
        if name == "lock" and not gone:
            gone.append(name)
            (tmp_path / ".transire").rmdir()
        return real(name, flags, *rest, **named)

    monkeypatch.setattr(os, "open", removed)
    apply(tmp_path, AFTER)

    assert gone == ["lock"]
    assert fresh(tmp_path, AFTER).items() <= contents(tmp_path).items()


@pytest.mark.parametrize("path", [".transire/work/journal.json", "charts/teams/a/Chart.yaml"])
def test_a_file_that_another_run_removes_while_it_is_looked_at_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("{}")
    real, name = os.open, Path(path).name

    def late(opened: Any, flags: int, *rest: Any, **named: Any) -> int:  # noqa: ANN401 - any call
        if opened == name:
            (tmp_path / path).unlink(missing_ok=True)
        return real(opened, flags, *rest, **named)

    with open_folder(tmp_path) as folder, monkeypatch.context() as patched:
        patched.setattr(os, "open", late)
        content = folder.read(path, 100)
        (tmp_path / path).write_text("{}")
        found = folder.look(path)

    assert content is None
    assert found.kind is PathKind.ABSENT


def test_a_lock_that_cannot_be_written_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "ftruncate", refused)
        with pytest.raises(DiskFailed) as failed:
            apply(tmp_path, AFTER)

    assert str(failed.value) == (
        "cannot lock .transire/lock: Input/output error; nothing was changed"
    )
    apply(tmp_path, AFTER, patience=0)


def test_a_lock_file_of_a_dead_process_stops_nobody(tmp_path: Path) -> None:
    os.close(hold(tmp_path))

    apply(tmp_path, AFTER, patience=0)

    assert not (tmp_path / ".transire/lock").exists()


def test_even_a_run_with_nothing_to_do_waits_for_one_that_is_writing(tmp_path: Path) -> None:
    apply(tmp_path, AFTER)
    held = hold(tmp_path)

    with pytest.raises(DiskFailed):
        apply(tmp_path, AFTER, patience=0)

    os.close(held)
    assert Outcome() == apply(tmp_path, AFTER, patience=0)
    assert not (tmp_path / ".transire/lock").exists()


def test_a_refused_run_leaves_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([False, True])

    def late(folder: Any, wanted: Plan) -> Any:  # noqa: ANN401 - hands on what it gets
        if next(looks):
            (tmp_path / "README.md").write_text("mine")
        return survey(folder, wanted)

    monkeypatch.setattr("transire.workspace.writer.survey", late)
    with pytest.raises(Rejected):
        apply(tmp_path, Plan(edits=(Edit(path="README.md", before=None, after=b"ours"),)))

    assert contents(tmp_path) == {"README.md": b"mine"}
    assert not (tmp_path / ".transire").exists()


def test_runs_for_different_teams_at_once_lose_nothing(tmp_path: Path) -> None:
    units = [
        Owner(name=f"teams/t{number}", files={f"charts/teams/t{number}/Chart.yaml": b"x"})
        for number in range(12)
    ]
    threads = [
        threading.Thread(
            target=apply, args=(tmp_path, Plan(units=(unit,))), kwargs={"patience": 600}
        )
        for unit in units
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert fresh(tmp_path, Plan(units=tuple(units))).items() <= contents(tmp_path).items()
    assert status(tmp_path, Plan(units=tuple(units))).standings == ()
