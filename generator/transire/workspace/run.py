"""One run under the lock: stages, flushes, writes the journal, commits, undoes where that fails."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from transire.model.problems import DiskFailed
from transire.workspace.changing import names_in, parent_of, reason, remove_folder
from transire.workspace.drift import JOURNAL, WORK, digest_of
from transire.workspace.drift_findings import FileChange, Survey
from transire.workspace.durable import flush_everything, flush_folder, write_whole
from transire.workspace.ownership import Journal, write_journal
from transire.workspace.safe_folder import Blocked, Folder, PathKind, shown

_JOURNAL = JOURNAL.rpartition("/")[2]
_IGNORE = ".gitignore"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FEW = 64
"""Files that are flushed one by one; more of them are together."""
_OVERTAKEN = "it was changed while transire was running"


class Run:
    """One run; `make` does all of it."""

    def __init__(self, folder: Folder, seen: Survey) -> None:
        self.folder = folder
        self.seen = seen
        self.work = -1
        self.now = WORK
        self.begun = 0
        self.made: list[str] = []
        self.alone = len(seen.changes) <= _FEW

    def make(self) -> None:
        """Make all changes of the survey, or none.

        Raises:
            DiskFailed: if the disk refuses, or somebody else changes a file meanwhile; the message
                states what is on the disk then.
        """
        try:
            self._attempt()
        except (OSError, DiskFailed) as error:
            failed = f"cannot write {shown(self.now)}: {reason(error)}"
            self._undo(failed)
            raise DiskFailed(f"{failed}; nothing was changed") from error
        except BaseException:
            self._undo("interrupted")
            raise
        try:
            self._end(_unfinished(self.seen))
            self._prune()
        except (OSError, DiskFailed) as error:
            raise DiskFailed(
                f"cannot remove {WORK}: {reason(error)}; all files are written, run the command "
                "again"
            ) from error
        finally:
            self._close()

    def _attempt(self) -> None:
        self._open_work()
        for number, change in enumerate(self.seen.changes):
            self.now = change.path
            self._stage(number, change)
        self.now = JOURNAL
        if not self.alone:
            flush_everything()
        self._write_journal(_journal_of(self.seen))
        self._flush((WORK, JOURNAL))
        for number, change in enumerate(self.seen.changes):
            self.now = change.path
            self.begun = number + 1
            self._commit(number, change)
        for number, change in enumerate(self.seen.changes):
            self.now = change.path
            self._hold_against_old(number, change)

    def _undo(self, why: str) -> None:
        try:
            if self.work >= 0:
                self._put_back(names_in(self.work))
                self._end(self.seen.journal)
            for path in reversed(self.made):
                remove_folder(self.folder, path)
        except (OSError, DiskFailed, Blocked) as error:
            raise DiskFailed(
                f"{why}; what was done could not be undone: {reason(error)}; run the command "
                "again to repair the tree"
            ) from error
        finally:
            self._close()

    def _open_work(self) -> None:
        parent, _ = parent_of(self.folder, JOURNAL, self.made)
        self.work = os.dup(parent)
        self._clear(_JOURNAL)
        self._put(_IGNORE, b"*\n")

    def _close(self) -> None:
        if self.work >= 0:
            os.close(self.work)
            self.work = -1

    def _stage(self, number: int, change: FileChange) -> None:
        if change.content is not None:
            self._put(f"new-{number}", change.content, change.mode, flush=self.alone)
        with suppress(Blocked, FileNotFoundError):
            parent, name = self.folder.parent(change.path)
            self._keep(name, parent, f"old-{number}")

    def _keep(self, name: str, parent: int, kept: str) -> None:
        """Give the file a second name in the work folder; a copy where the disk has no links."""
        try:
            os.link(name, kept, src_dir_fd=parent, dst_dir_fd=self.work, follow_symlinks=False)
        except FileNotFoundError:
            raise
        except (OSError, NotImplementedError):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
            with os.fdopen(descriptor, "rb") as file:
                mode = os.fstat(descriptor).st_mode & 0o777
                self._put(kept, file.read(), mode, flush=self.alone)

    def _put(self, name: str, content: bytes, mode: int = 0o644, *, flush: bool = False) -> None:
        descriptor = os.open(name, _NEW, 0o600, dir_fd=self.work)
        try:
            write_whole(descriptor, content)
            os.fchmod(descriptor, mode)
            if flush:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _write_journal(self, journal: Journal) -> None:
        with suppress(FileNotFoundError):
            os.unlink("journal.new", dir_fd=self.work)
        self._put("journal.new", write_journal(journal), flush=True)
        os.replace("journal.new", _JOURNAL, src_dir_fd=self.work, dst_dir_fd=self.work)

    def _commit(self, number: int, change: FileChange) -> None:
        parent, name = parent_of(self.folder, change.path, self.made)
        found = self.folder.look(change.path)
        expected = PathKind.FILE if change.before else PathKind.ABSENT
        if found.kind is not expected or found.digest != change.before:
            raise DiskFailed(_OVERTAKEN)
        if change.content is None:
            os.unlink(name, dir_fd=parent)
        else:
            os.replace(f"new-{number}", name, src_dir_fd=self.work, dst_dir_fd=parent)

    def _hold_against_old(self, number: int, change: FileChange) -> None:
        """See that nobody has written into a file that people write while it was replaced."""
        if change.unit or not change.before:
            return
        found = self.folder.look(f"{WORK}/old-{number}")
        if found.kind is PathKind.FILE and found.digest != change.before:
            raise DiskFailed(_OVERTAKEN)

    def _put_back(self, staged: set[str]) -> None:
        for number in reversed(range(self.begun)):
            change = self.seen.changes[number]
            if f"new-{number}" in staged:
                continue
            parent, name = self.folder.parent(change.path)
            if f"old-{number}" in staged:
                os.replace(f"old-{number}", name, src_dir_fd=self.work, dst_dir_fd=parent)
            elif change.content is not None:
                os.unlink(name, dir_fd=parent)

    def _end(self, journal: Journal) -> None:
        """Clear the work folder; the journal stays where other units still need it.

        What was done is on the disk before the journal of it goes.
        """
        self._flush([each.path for each in self.seen.changes[: self.begun]])
        if journal.units:
            self._write_journal(journal)
            self._clear(_JOURNAL, _IGNORE)
            return
        self._clear()
        remove_folder(self.folder, WORK)

    def _flush(self, paths: Iterable[str]) -> None:
        """Flush the folders of these paths, and those that got new folders of ours."""
        if not self.alone:
            flush_everything()
            return
        self.folder.forget()
        within = {path.rpartition("/")[0] for path in (*paths, *self.made)}
        for each in sorted(within):
            with suppress(Blocked):
                flush_folder(self.folder.parent(f"{each}/." if each else ".")[0])

    def _clear(self, *kept: str) -> None:
        for name in names_in(self.work) - set(kept):
            os.unlink(name, dir_fd=self.work)

    def _prune(self) -> None:
        """Remove the folders that removed files left empty."""
        self.folder.forget()
        for change in self.seen.changes:
            path = change.path
            while change.content is None and "/" in path:
                path = path.rpartition("/")[0]
                if not remove_folder(self.folder, path):
                    break


def _journal_of(seen: Survey) -> Journal:
    """The journal of this run: what earlier ones left, what this one will write and replace.

    After a power cut each file may be as it was before or as it is to be, also where the list of
    them is the new one already.
    """
    units = {name: dict(pending) for name, pending in seen.journal.units.items()}
    for change in seen.changes:
        if change.unit and not change.path.startswith(".transire/"):
            pending = units.setdefault(change.unit, {})
            after = () if change.content is None else (digest_of(change.content),)
            before = (change.before,) if change.before else ()
            pending[change.path] = pending.get(change.path, frozenset()) | {*before, *after}
    return Journal(units=units)


def _unfinished(seen: Survey) -> Journal:
    """What an interrupted run left in units that this run does not write."""
    rest = {name: each for name, each in seen.journal.units.items() if name not in seen.units}
    return Journal(units=rest)
