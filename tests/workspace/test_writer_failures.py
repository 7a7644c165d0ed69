"""The writer on a bad day: killed, refused by the disk, interrupted, not alone."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.paths import TESTS
from support.workspace.killed_runs import CHANGING, plan
from support.workspace.trees import AFTER, BEFORE, contents, fresh, identity
from transire.model.problems import DiskFailed
from transire.workspace import run as tree
from transire.workspace.file_plan import Plan
from transire.workspace.writer import apply, status

JOURNAL = ".transire/work/journal.json"
NOBODY = 65534


@pytest.fixture(autouse=True)
def _no_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flush takes long on a busy disk, and only a power cut could tell."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class Disk:
    """Lets the calls that change the disk fail from the one numbered `bad` on, or only that one."""

    def __init__(self, bad: int, error: BaseException, *, stay: bool = False) -> None:
        self.bad, self.error, self.stay = bad, error, stay
        self.calls = 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in set(CHANGING) - {"link"}:  # a link that fails is replaced by a copy
            monkeypatch.setattr(os, name, self._wrap(getattr(os, name), name))

    def _wrap(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any call
            if name != "open" or arguments[1] & os.O_CREAT:
                self.calls += 1
                if self.calls == self.bad or (self.stay and self.calls > self.bad):
                    raise self.error
            return call(*arguments, **named)

        return wrapped


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of trees, each left by a run that was killed at another moment."""
    folder = tmp_path_factory.mktemp("killed")
    script = TESTS / "support/workspace/killed_runs.py"
    env = os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    subprocess.run([sys.executable, script, folder], check=True, env=env)
    return folder


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize("next_plan", [AFTER, BEFORE, plan("other", more=True)])
def test_a_run_after_one_that_was_killed_completes(
    killed: Path, tmp_path: Path, next_plan: Plan
) -> None:
    expected = fresh(tmp_path, next_plan)
    stages = sorted(killed.iterdir(), key=lambda each: int(each.name))
    assert len(stages) > 20

    for stage in stages:
        root = tmp_path / stage.name
        shutil.copytree(stage, root)
        apply(root, next_plan)
        assert expected == contents(root), f"killed at call {stage.name}"


def test_a_killed_run_leaves_each_file_old_or_new(killed: Path) -> None:
    whole = {b"before", b"after", b"same"}
    for stage in killed.iterdir():
        charts = contents(stage / "charts")
        assert whole >= set(charts.values())


def test_a_killed_run_of_all_is_finished_team_by_team(killed: Path, tmp_path: Path) -> None:
    expected = fresh(tmp_path, AFTER)
    one, other = AFTER.units
    for stage in killed.iterdir():
        root = tmp_path / stage.name
        shutil.copytree(stage, root)
        apply(root, Plan(units=(one,)))
        apply(root, Plan(units=(other,)))
        apply(root, Plan())
        assert expected == contents(root), f"killed at call {stage.name}"


def test_whatever_call_fails_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(tmp_path, BEFORE)
    before = identity(tmp_path)
    messages = set()
    for bad in range(1, 1000):
        disk = Disk(bad, OSError(errno.ENOSPC, "No space left on device"))
        with monkeypatch.context() as patched:
            disk.install(patched)
            try:
                apply(tmp_path, AFTER)
            except DiskFailed as failed:
                messages.add(str(failed))
                if "all files are written" in str(failed):
                    break
        assert before == identity(tmp_path), f"call {bad}"

    assert contents(tmp_path).items() >= {"charts/teams/ledger/Chart.yaml": b"after"}.items()
    words = "No space left on device"
    expected = {
        f"cannot {what}: {words}; nothing was changed"
        for what in (
            "lock .transire/lock",
            "write .transire/work",
            f"write {JOURNAL}",
            "write charts/teams/ledger/Chart.yaml",
            "write charts/teams/ledger/targets/new.yaml",
            "write charts/teams/ledger/targets/old.yaml",
            "write charts/teams/payments/Chart.yaml",
            "write charts/teams/payments/targets/new.yaml",
            "write charts/teams/payments/targets/old.yaml",
            "write .transire/owned/teams/ledger.json",
            "write .transire/owned/teams/payments.json",
        )
    }
    expected.add(
        f"cannot remove .transire/work: {words}; all files are written, run the command again"
    )
    assert expected == messages


def test_what_cannot_be_undone_is_repaired_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fresh(tmp_path, AFTER)
    broken = 0
    for bad in range(1, 60):
        root = tmp_path / str(bad)
        root.mkdir()
        apply(root, BEFORE)
        with monkeypatch.context() as patched:
            Disk(bad, OSError(errno.EIO, "Input/output error"), stay=True).install(patched)
            with pytest.raises(DiskFailed) as failed:
                apply(root, AFTER)
        broken += str(failed.value).endswith(
            "; what was done could not be undone: Input/output error; run the command again to "
            "repair the tree"
        )
        if "all files are written" not in str(failed.value):
            apply(root, AFTER)
            assert expected == contents(root), f"call {bad}"
        else:
            break
    assert broken > 10


def test_an_interrupted_run_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(tmp_path, BEFORE)
    before = identity(tmp_path)
    for bad in range(5, 30):
        with monkeypatch.context() as patched:
            Disk(bad, KeyboardInterrupt()).install(patched)
            with pytest.raises(KeyboardInterrupt):
                apply(tmp_path, AFTER)
        assert before == identity(tmp_path), f"call {bad}"


def test_a_disk_without_hard_links_gets_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(tmp_path, BEFORE)
    before = contents(tmp_path)
    real = os.replace

    def no_link(*_: Any, **__: Any) -> None:  # noqa: ANN401 - stands for any call
        raise OSError(errno.EPERM, "Operation not permitted")

    def last_fails(source: str, name: str, **folders: Any) -> None:  # noqa: ANN401 - as above
        if name == "payments.json" and source.startswith("new"):
            raise OSError(errno.EIO, "Input/output error")
        real(source, name, **folders)

    monkeypatch.setattr(os, "link", no_link)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", last_fails)
        with pytest.raises(DiskFailed):
            apply(tmp_path, AFTER)
    assert before == contents(tmp_path)

    apply(tmp_path, AFTER)
    assert fresh(tmp_path, AFTER).items() <= contents(tmp_path).items()


@pytest.fixture
def unprivileged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository of a user whom permissions bind; root becomes nobody for the test."""
    root = tmp_path / "repository"
    root.mkdir()
    apply(root, BEFORE)
    monkeypatch.chdir(root)
    if os.geteuid():
        yield Path()
        return
    for path in (root, *root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    yield Path()
    os.seteuid(0)


def test_a_read_only_folder_leaves_everything_as_it_was(unprivileged: Path) -> None:
    folder = unprivileged / "charts/teams/payments"
    before = identity(unprivileged)
    folder.chmod(0o555)

    with pytest.raises(DiskFailed) as failed:
        apply(unprivileged, AFTER)

    folder.chmod(0o755)
    expected = (
        "cannot write charts/teams/payments/Chart.yaml: Permission denied; nothing was changed"
    )
    assert expected == str(failed.value)
    assert {path: each[:2] for path, each in before.items()} == {
        path: each[:2] for path, each in identity(unprivileged).items()
    }


def test_a_read_only_repository_says_so(unprivileged: Path) -> None:
    (unprivileged / ".transire").chmod(0o555)

    with pytest.raises(DiskFailed) as failed:
        apply(unprivileged, AFTER)

    (unprivileged / ".transire").chmod(0o755)
    expected = "cannot lock .transire/lock: Permission denied; nothing was changed"
    assert expected == str(failed.value)


def test_a_file_that_may_not_be_read_says_so(unprivileged: Path) -> None:
    (unprivileged / "charts/teams/payments/Chart.yaml").chmod(0)

    with pytest.raises(DiskFailed) as failed:
        status(unprivileged, AFTER)

    expected = "cannot read charts/teams/payments/Chart.yaml: Permission denied"
    assert expected == str(failed.value)


def test_a_folder_that_may_not_be_entered_says_so(unprivileged: Path) -> None:
    (unprivileged / "charts/teams").chmod(0)

    with pytest.raises(DiskFailed) as failed:
        status(unprivileged, AFTER)

    (unprivileged / "charts/teams").chmod(0o755)
    assert str(failed.value) == "cannot open charts/teams: Permission denied"


def test_a_repository_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(DiskFailed) as failed:
        status(tmp_path / "nowhere", AFTER)

    assert str(failed.value) == f"cannot open {tmp_path}/nowhere: No such file or directory"


def test_a_link_that_appears_while_writing_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, root = tmp_path / "outside", tmp_path / "repository"
    outside.mkdir()
    root.mkdir()
    apply(root, BEFORE)
    promised = tree._journal_of  # noqa: SLF001 - called between looking and writing

    def swap(seen: Any) -> Any:  # noqa: ANN401 - hands on what it gets
        (root / "charts/teams/payments").rename(tmp_path / "moved")
        (root / "charts/teams/payments").symlink_to(outside)
        return promised(seen)

    monkeypatch.setattr(tree, "_journal_of", swap)
    with pytest.raises(DiskFailed) as failed:
        apply(root, AFTER)

    expected = (
        "cannot write charts/teams/payments/Chart.yaml: charts/teams/payments is a symbolic link; "
        "nothing was changed"
    )
    assert expected == str(failed.value)
    assert list(outside.iterdir()) == []
    assert (root / "charts/teams/ledger/Chart.yaml").read_bytes() == b"before"
