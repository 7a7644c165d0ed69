"""A command that meets a fault of its disk: nothing torn, nothing lost, no lock to remove.

After it, the same command ends as if nothing had happened, and leaves the same tree.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.forked_runs import run_on_disk
from support.policy_repository import contents, run
from support.workspace.disk_faults import Fault
from support.workspace.writing_verbs import Verb

_WORK = ".transire/work/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """A command where nothing happens to it: its folder before and after, and its changes."""

    verb: Verb
    folder: Path
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    code: int
    calls: int

    def points(self, most: int) -> list[int]:
        """So many of the changes, from the first to the last."""
        if self.calls <= most:
            return list(range(self.calls))
        return sorted({number * (self.calls - 1) // (most - 1) for number in range(most)})

    def copy(self, folder: Path) -> Path:
        """The repository as the command finds it."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return folder


def undisturbed(verb: Verb, folder: Path) -> Undisturbed:
    """Run the command once, and count its changes."""
    before, after, report = folder / "before", folder / "after", folder / "report"
    before.mkdir()
    verb.prepare(before)
    shutil.copytree(before, after, symlinks=True)
    ran = run_on_disk(after, *verb.words, fault=Fault.NONE, at=0, report=report)
    found = contents(after)
    assert found != contents(before), ran.err
    return Undisturbed(
        verb=verb,
        folder=before,
        before=contents(before),
        after=found,
        code=ran.code,
        calls=report.stat().st_size,
    )


def whole(found: Mapping[str, bytes], usual: Undisturbed) -> list[str]:
    """The files, but those of the unfinished run itself, that are neither as before nor as after."""
    known = [usual.before, usual.after]
    return [
        path
        for path in {*found, *usual.before}
        if not path.startswith(_WORK)
        and path != ".transire/lock"
        and found.get(path) not in [each.get(path) for each in known]
    ]


def end_as_usual(root: Path, usual: Undisturbed, what: str) -> None:
    """The same command once more leaves what it leaves where nothing happens."""
    ran = run(root, *usual.verb.words)

    assert ran.code == usual.code, f"{what}: {ran.err}"
    assert contents(root) == usual.after, what


def sweep(usual: Undisturbed, folder: Path, fault: Fault, most: int) -> set[str]:
    """Let the command meet the fault at many points; what it printed, where it could."""
    printed: set[str] = set()
    for at in usual.points(most):
        root, what = usual.copy(folder / str(at)), f"{fault} at {at} of {usual.calls}"
        ran = run_on_disk(root, *usual.verb.words, fault=fault, at=at)
        if fault in {Fault.KILL, Fault.TORN}:
            assert ran.code == -9, what
        else:
            assert "Traceback" not in ran.err, f"{what}: {ran.err}"
            assert ran.code in {0, 1, usual.code}, f"{what}: {ran.code}: {ran.err}"
            printed.add(ran.err)
        assert whole(contents(root), usual) == [], what
        end_as_usual(root, usual, what)
        shutil.rmtree(root)
    return printed
