"""The only writer: makes the disk agree with a plan, wholly or not at all.

1. Look. Anything that is wrong, and any obstacle, ends the run before a byte is written, unless it
   may be half of what another run is writing.
2. Take the lock, `.transire/lock`, and look again. The system drops the lock of a process that
   died, so a stale file stops nobody.
3. Write every new file to `.transire/work`, keep a second name of every file to be replaced, and
   flush them.
4. Write the journal there, and flush it: which files are about to have which digests, and which
   ones they have.
5. Rename the new files into place, remove what is surplus, and the manifests last. A file that is
   not as it was when it was looked at ends the run: somebody is at work there.
6. Flush the folders, remove `.transire/work`, then the lock.

If the disk refuses anything, what was done is undone by renames, which need no space; the files
that are put back are the very same files. If the process is killed, or undoing fails too, the
journal stays: the next run knows the files that it names for generated ones, also if it has other
plans for them, so it repairs the tree by doing its own work. Nothing has to be replayed.

A power cut is no different: no name leads to bytes that were not flushed, and the journal goes when
what it is about has come to the platter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transire.model.problems import DiskFailed, Rejected
from transire.workspace.drift import survey
from transire.workspace.drift_findings import Survey
from transire.workspace.file_plan import Plan
from transire.workspace.lock import locked
from transire.workspace.run import Run
from transire.workspace.safe_folder import Folder, open_folder

PATIENCE = 10.0
"""Seconds to wait for another run that is writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The paths that a run wrote and removed, sorted; manifests among them."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def status(root: Path, plan: Plan) -> Survey:
    """How the repository at `root` differs from the plan; nothing is written.

    Raises:
        DiskFailed: if something cannot be read.
    """
    with open_folder(root) as folder:
        return survey(folder, plan)


def apply(root: Path, plan: Plan, *, patience: float = PATIENCE) -> Outcome:
    """Make the repository at `root` agree with the plan; a file that agrees is not touched.

    Raises:
        Rejected: if the plan is impossible, or would overwrite somebody's work; nothing is written.
        DiskFailed: if the disk refuses, or another run is still writing after `patience` seconds;
            the message states what is on the disk then.
    """
    with open_folder(root) as folder:
        first = _first_look(folder, plan)
        if not (first.obstacles or first.changes or first.interrupted):
            return Outcome()
        with locked(folder, patience, first.obstacles):
            seen = survey(folder, plan)
            if _has_work(seen):
                Run(folder, seen).make()
        return Outcome(
            written=tuple(sorted(each.path for each in seen.changes if each.content is not None)),
            removed=tuple(sorted(each.path for each in seen.changes if each.content is None)),
        )


def _first_look(folder: Folder, plan: Plan) -> Survey:
    """How things stand without the lock, when they may change at any moment.

    Raises:
        Rejected: if the plan is impossible, or if there is an obstacle that is no other run's: it
            is still there at a second look, and nobody is writing then.
    """
    try:
        first = survey(folder, plan)
        if not first.obstacles:
            return first
        folder.forget()
        second = survey(folder, plan)
    except DiskFailed:
        return Survey(interrupted=True)
    if second.obstacles == first.obstacles and not second.interrupted:
        raise Rejected(second.obstacles)
    return second


def _has_work(seen: Survey) -> bool:
    if seen.obstacles:
        raise Rejected(seen.obstacles)
    return bool(seen.changes) or seen.interrupted
