"""A power cut at any moment of a run: the next run ends as if there had been none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support import needs
from support.workspace.power_cut import Chance, Disk, Luck, NamesAlone, NoLuck, Recorder
from support.workspace.trees import AFTER, BEFORE, contents
from transire.model.problems import Rejected
from transire.workspace import run
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.writer import apply

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason=needs.PROC)

VALUES = "values/teams/payments.yaml"
MINE, OURS = b"what somebody wrote, in several words\n", b"what somebody wrote, and one rule more\n"


def edited(plan: Plan, root: Path) -> Plan:
    """The plan with an edit of a file that somebody wrote, as far as it is not made yet."""
    there = (root / VALUES).read_bytes()
    return replace(plan, edits=(Edit(path=VALUES, before=there, after=OURS),))


def lucks(seeds: int) -> Iterator[tuple[str, Luck]]:
    yield "nothing more", NoLuck()
    yield "names alone", NamesAlone()
    for seed in range(seeds):
        yield f"by chance {seed}", Chance(seed)


def recorded(tmp_path: Path) -> list[Disk]:
    """The moments of one run over files that are there."""
    root = tmp_path / "root"
    (root / VALUES).parent.mkdir(parents=True)
    (root / VALUES).write_bytes(MINE)
    apply(root, BEFORE)
    recorder = Recorder(root)
    with pytest.MonkeyPatch.context() as patched:
        recorder.install(patched)
        apply(root, edited(AFTER, root))
    return recorder.moments


def ends_well(moments: list[Disk], folder: Path, seeds: int) -> None:
    """Cut the power at every moment, and run once more."""
    expected = folder / "expected"
    (expected / VALUES).parent.mkdir(parents=True)
    (expected / VALUES).write_bytes(OURS)
    apply(expected, AFTER)
    wanted = contents(expected)
    for number, disk in enumerate(moments):
        for name, luck in lucks(seeds):
            root = folder / f"{number}-{name}"
            disk.left(root, luck)
            assert (root / VALUES).read_bytes() in {MINE, OURS}, f"{number}: {name}"
            apply(root, edited(AFTER, root))
            assert contents(root) == wanted, f"{number}: {name}"


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize("few", [64, 0], ids=["one by one", "together"])
def test_a_run_after_a_power_cut_ends_as_usual(
    few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_FEW", few)
    moments = recorded(tmp_path)

    assert len(moments) > 40
    ends_well(moments, tmp_path, seeds=1)


@pytest.mark.slow("ten power cuts at each of fifty moments")
@pytest.mark.parametrize("few", [64, 0], ids=["one by one", "together"])
def test_a_run_after_many_power_cuts_ends_as_usual(
    few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_FEW", few)
    ends_well(recorded(tmp_path), tmp_path, seeds=10)


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize("forgotten", ["flush_folder", "fsync", "journal"])
def test_what_is_not_flushed_is_lost_here(
    forgotten: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk of these tests notices a run that forgets to flush."""
    if forgotten == "fsync":
        monkeypatch.setattr(Recorder, "fsync", lambda *_: None)
    elif forgotten == "flush_folder":
        monkeypatch.setattr(run, "flush_folder", lambda _: None)
    else:
        monkeypatch.setattr(run, "_journal_of", lambda seen: seen.journal)
    moments = recorded(tmp_path)

    with pytest.raises((AssertionError, Rejected)):
        ends_well(moments, tmp_path, seeds=4)
