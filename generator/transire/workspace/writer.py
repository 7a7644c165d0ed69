"""The only writer: makes the disk agree with a plan, wholly or not at all.

1. Look. Anything that is wrong, and any obstacle, ends the run before a byte is written, unless it
   may be half of what another run is writing.
2. Take the lock, `.transire/lock`, and look again. The system drops the lock of a process that
   died, so a stale file stops nobody.
3. Write every new file to `.transire/work`, and keep a second name of every file to be replaced.
4. Write the journal there: which files are about to have which digests.
5. Rename the new files into place, remove what is surplus, and the manifests last.
6. Remove `.transire/work`, then the lock.

If the disk refuses anything, what was done is undone by renames, which need no space; the files
that are put back are the very same files. If the process is killed, or undoing fails too, the
journal stays: the next run knows the files that it names for generated ones, also if it has other
plans for them, so it repairs the tree by doing its own work. Nothing has to be replayed.

Only the journal is flushed to the platter. After a power cut a file may be empty or torn; its
digest then differs, and it is reported like any file that somebody changed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from transire.model.problems import DiskFailed, Rejected
from transire.workspace.drift import JOURNAL, LOCK, WORK, digest_of, survey
from transire.workspace.drift_findings import FileChange, Survey
from transire.workspace.file_plan import Plan
from transire.workspace.ownership import Journal, write_journal
from transire.workspace.safe_folder import Blocked, Folder, PathKind, open_folder, shown

PATIENCE = 10.0
"""Seconds to wait for another run that is writing."""

_PAUSE = 0.05
_FOLDER_MODE = 0o755
_JOURNAL = JOURNAL.rpartition("/")[2]
_IGNORE = ".gitignore"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


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
        with _locked(folder, patience, first):
            seen = survey(folder, plan)
            if _has_work(seen):
                _Run(folder, seen).make()
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


class _Run:
    """One run under the lock: stages, writes the journal, commits, undoes where that fails."""

    def __init__(self, folder: Folder, seen: Survey) -> None:
        self.folder = folder
        self.seen = seen
        self.work = -1
        self.now = WORK
        self.begun = 0
        self.made: list[str] = []

    def make(self) -> None:
        try:
            self._attempt()
        except (OSError, DiskFailed) as error:
            failed = f"cannot write {shown(self.now)}: {_reason(error)}"
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
                f"cannot remove {WORK}: {_reason(error)}; all files are written, run the command "
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
        self._write_journal(_journal_of(self.seen))
        for number, change in enumerate(self.seen.changes):
            self.now = change.path
            self.begun = number + 1
            self._commit(number, change)

    def _undo(self, why: str) -> None:
        try:
            if self.work >= 0:
                self._put_back(_names(self.work))
                self._end(self.seen.journal)
            for path in reversed(self.made):
                _remove_folder(self.folder, path)
        except (OSError, DiskFailed, Blocked) as error:
            raise DiskFailed(
                f"{why}; what was done could not be undone: {_reason(error)}; run the command "
                "again to repair the tree"
            ) from error
        finally:
            self._close()

    def _open_work(self) -> None:
        parent, _ = _parent(self.folder, JOURNAL, self.made)
        self.work = os.dup(parent)
        self._clear(_JOURNAL)
        self._put(_IGNORE, b"*\n")

    def _close(self) -> None:
        if self.work >= 0:
            os.close(self.work)
            self.work = -1

    def _stage(self, number: int, change: FileChange) -> None:
        if change.content is not None:
            self._put(f"new-{number}", change.content, change.mode)
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
                self._put(kept, file.read(), os.fstat(descriptor).st_mode & 0o777)

    def _put(self, name: str, content: bytes, mode: int = 0o644, *, flush: bool = False) -> None:
        with os.fdopen(os.open(name, _NEW, 0o600, dir_fd=self.work), "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            if flush:
                os.fsync(file.fileno())

    def _write_journal(self, journal: Journal) -> None:
        with suppress(FileNotFoundError):
            os.unlink("journal.new", dir_fd=self.work)
        self._put("journal.new", write_journal(journal), flush=True)
        os.replace("journal.new", _JOURNAL, src_dir_fd=self.work, dst_dir_fd=self.work)

    def _commit(self, number: int, change: FileChange) -> None:
        parent, name = _parent(self.folder, change.path, self.made)
        if change.content is None:
            os.unlink(name, dir_fd=parent)
        else:
            os.replace(f"new-{number}", name, src_dir_fd=self.work, dst_dir_fd=parent)

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
        """Clear the work folder; the journal stays where other units still need it."""
        if journal.units:
            self._write_journal(journal)
            self._clear(_JOURNAL, _IGNORE)
            return
        self._clear()
        _remove_folder(self.folder, WORK)

    def _clear(self, *kept: str) -> None:
        for name in _names(self.work) - set(kept):
            os.unlink(name, dir_fd=self.work)

    def _prune(self) -> None:
        """Remove the folders that removed files left empty."""
        self.folder.forget()
        for change in self.seen.changes:
            path = change.path
            while change.content is None and "/" in path:
                path = path.rpartition("/")[0]
                if not _remove_folder(self.folder, path):
                    break


def _journal_of(seen: Survey) -> Journal:
    """The journal of this run: what earlier ones left, and what this one will write."""
    units = {name: dict(pending) for name, pending in seen.journal.units.items()}
    for change in seen.changes:
        if change.unit and change.content is not None and not change.path.startswith(".transire/"):
            pending = units.setdefault(change.unit, {})
            known = pending.get(change.path, frozenset())
            pending[change.path] = known | {digest_of(change.content)}
    return Journal(units=units)


def _unfinished(seen: Survey) -> Journal:
    """What an interrupted run left in units that this run does not write."""
    rest = {name: each for name, each in seen.journal.units.items() if name not in seen.units}
    return Journal(units=rest)


def _parent(folder: Folder, path: str, made: list[str]) -> tuple[int, str]:
    """The open parent of `path` and its name; folders that are missing are made and noted."""
    while True:
        try:
            return folder.parent(path)
        except Blocked as blocked:
            found = blocked.found
        if found.kind is not PathKind.ABSENT:
            raise NotADirectoryError(errno.ENOTDIR, f"{shown(found.at)} is {found.kind}")
        outer, name = folder.parent(found.at)
        with suppress(FileExistsError):  # another run made it meanwhile
            os.mkdir(name, _FOLDER_MODE, dir_fd=outer)
            made.append(found.at)


def _remove_folder(folder: Folder, path: str) -> bool:
    """Remove the folder where it is empty; false where it is not, or cannot be removed."""
    try:
        parent, name = folder.parent(path)
        os.rmdir(name, dir_fd=parent)
    except (Blocked, OSError):
        return False
    return True


@contextmanager
def _locked(folder: Folder, patience: float, first: Survey) -> Iterator[None]:
    """Hold the lock for as long as the block runs.

    Where it cannot be taken, the obstacles that the first look found are the reason to give.
    """
    deadline = time.monotonic() + patience
    try:
        while (held := _try_lock(folder)) is None:
            if time.monotonic() >= deadline:
                raise DiskFailed(
                    f"another run of transire{_holder(folder)} is writing here; run the command "
                    "again when it has ended"
                )
            time.sleep(_PAUSE)
    except OSError as error:
        if first.obstacles:
            raise Rejected(first.obstacles) from error
        raise DiskFailed(f"cannot lock {LOCK}: {_reason(error)}; nothing was changed") from error
    try:
        yield
    finally:
        with suppress(OSError, Blocked):
            parent, name = folder.parent(LOCK)
            os.unlink(name, dir_fd=parent)
        os.close(held)
        _remove_folder(folder, LOCK.rpartition("/")[0])


def _try_lock(folder: Folder) -> int | None:
    """The open lock file, or None where somebody else has it, or has just removed it."""
    folder.forget()
    parent, name = _parent(folder, LOCK, [])
    try:
        descriptor = os.open(name, _LOCK, 0o644, dir_fd=parent)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours, there = os.fstat(descriptor), os.stat(name, dir_fd=parent, follow_symlinks=False)
        if os.path.samestat(ours, there):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _holder(folder: Folder) -> str:
    """Which process holds the lock, where its file names one."""
    content = folder.read(LOCK, 20) or b""
    return f" (process {int(content)})" if content.strip().isdigit() else ""


def _names(descriptor: int) -> set[str]:
    with os.scandir(descriptor) as listed:
        return {each.name for each in listed}


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def write_beside(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder that is nobody's but the caller's, each at once or not at all.

    Raises:
        DiskFailed: if the disk refuses.
    """
    for path, content in files.items():
        file = folder / path
        fresh = file.with_name(f".{file.name}.new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(content)
            fresh.replace(file)
        except OSError as error:
            raise DiskFailed(f"cannot write {shown(str(file))}: {_reason(error)}") from error
