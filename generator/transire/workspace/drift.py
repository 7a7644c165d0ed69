"""How the disk differs from a plan, and what would have to change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from transire.model.problems import Position, Problem, in_order
from transire.workspace.drift_findings import (
    EVERYTHING,
    FileChange,
    FileState,
    Standing,
    Survey,
    edited,
    generated,
    second,
    stranger,
)
from transire.workspace.file_plan import GITOPS, OWNERS_FILES, PLATFORM, TEAM, Edit, Owner, Plan
from transire.workspace.helmignore import NAME, HelmIgnore
from transire.workspace.ownership import (
    FOLDER,
    JOURNAL_LIMIT,
    LIMIT,
    Journal,
    OwnedFiles,
    manifest_path,
    read_journal,
    read_manifest,
    unit_at,
    write_manifest,
)
from transire.workspace.safe_folder import Folder, FolderEntry, PathKind

WORK = ".transire/work"
"""What a run needs while it writes; it stays only where one was interrupted."""

JOURNAL = f"{WORK}/journal.json"
LOCK = ".transire/lock"

_TEAMS = "charts/teams"
_APPLIED = 3
"""Parts of a folder that a tool applies whole, whatever lies there: `argocd/<cluster>/<kind>`."""
_MERGE = b"\n<<<<<<< "
_ONE_SIDE = "take one side of the merge with `git checkout --ours -- .transire charts`"


def survey(folder: Folder, plan: Plan) -> Survey:
    """How `folder` differs from `plan`; nothing is written.

    Raises:
        DiskFailed: if something cannot be read.
    """
    problems = in_order(plan.problems())
    return Survey(problems=problems) if problems else _Surveyor(folder, plan).result()


class _Surveyor:
    """Looks at every path once and collects what it sees."""

    def __init__(self, folder: Folder, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self.problems: list[Problem] = []
        self.standings: list[Standing] = []
        self.files: list[FileChange] = []
        self.manifests: list[FileChange] = []
        self.broken: set[str] = set()
        self.journal = self._journal()
        self.units = (*plan.units, *self._gone())
        self.owned_files = {each.name: self._owned_files(each) for each in self.units}
        self.planned = {path for unit in self.units for path in unit.files}
        self.ours = self._ours()

    def result(self) -> Survey:
        for unit in self.units:
            if unit.name in self.broken:
                continue
            for path, content in sorted(unit.files.items()):
                self._file(unit, path, content)
            for path in sorted(self._known_paths(unit) - self.planned):
                self._surplus(unit, path)
            self._manifest(unit)
            self._closed(unit)
        for edit in self.plan.edits:
            self._edit(edit)
        if self.plan.complete:
            self._strangers()
        files = sorted(self.files, key=lambda each: (each.content is None, each.path))
        return Survey(
            standings=tuple(sorted(self.standings, key=lambda each: each.path)),
            problems=in_order(self.problems),
            changes=(*files, *self.manifests),
            units=tuple(each.name for each in self.units),
            journal=self.journal,
            interrupted=any(
                self.folder.look(path).kind is not PathKind.ABSENT for path in (WORK, LOCK)
            ),
        )

    def _gone(self) -> Iterator[Owner]:
        """The units that the disk knows and a complete plan does not."""
        if not self.plan.complete:
            return
        on_disk = {unit_at(path) for path, _ in self.folder.walk(FOLDER)} | set(self.journal.units)
        known = {each.name for each in self.plan.units}
        for name in sorted(each for each in on_disk if each is not None and each not in known):
            yield Owner(name=name, files={}, gone=True)

    def _journal(self) -> Journal:
        content = self.folder.read(JOURNAL, JOURNAL_LIMIT)
        try:
            return Journal() if content is None else read_journal(content)
        except ValueError as error:
            self._broken(JOURNAL, error, f"delete {WORK} and run `{EVERYTHING}`")
            return Journal()

    def _owned_files(self, unit: Owner) -> OwnedFiles:
        if unit.name in self.plan.merged:
            return self.plan.merged[unit.name]
        path = manifest_path(unit.name)
        content = self.folder.read(path, LIMIT)
        try:
            return {} if content is None else read_manifest(unit, content)
        except ValueError as error:
            self.broken.add(unit.name)
            rest = " and ".join((path, *unit.closed))
            advice = _ONE_SIDE if _MERGE in (content or b"") else f"delete {rest}"
            self._broken(path, error, f"{advice}, then run `{unit.command}`")
            return {}

    def _broken(self, path: str, error: ValueError, advice: str) -> None:
        message = f"this list of generated files cannot be used: {error}"
        at = Position(path=path)
        self.problems.append(Problem(at=at, id="broken-manifest", message=message, help=advice))

    def _ours(self) -> Mapping[str, frozenset[str]]:
        """For every path in a manifest or the journal the digests under which it is ours."""
        found: dict[str, frozenset[str]] = {}
        for owned in self.owned_files.values():
            for path, digest in owned.items():
                found[path] = found.get(path, frozenset()) | {digest}
        for pending in self.journal.units.values():
            for path, digests in pending.items():
                found[path] = found.get(path, frozenset()) | digests
        return found

    def _known_paths(self, unit: Owner) -> set[str]:
        return {*self.owned_files[unit.name], *self.journal.units.get(unit.name, {})}

    def _file(self, unit: Owner, path: str, content: bytes) -> None:
        found = self.folder.look(path)
        if found.kind is PathKind.FILE and found.digest == digest_of(content):
            return
        state = _state(found, self.ours.get(path, frozenset()))
        self.standings.append(generated(path, state, found, unit.command, unit.name))
        self.files.append(_change(path, content, found, unit))

    def _surplus(self, unit: Owner, path: str) -> None:
        found = self.folder.look(path)
        if found.kind is PathKind.ABSENT:
            return
        state = _state(found, self.ours[path])
        state = FileState.SURPLUS if state is FileState.OUTDATED else state
        self.standings.append(generated(path, state, found, unit.command, unit.name))
        self.files.append(_change(path, None, found, unit))

    def _manifest(self, unit: Owner) -> None:
        path = manifest_path(unit.name)
        found = self.folder.look(path)
        wanted = {each: digest_of(content) for each, content in unit.files.items()}
        content = write_manifest(wanted) if wanted else None
        if content is None and found.kind is PathKind.ABSENT:
            return
        if content is not None and found.digest == digest_of(content):
            return
        state = _state(found, frozenset({found.digest}))
        if state is FileState.OUTDATED and content is None:
            state = FileState.SURPLUS
        self.standings.append(generated(path, state, found, unit.command, unit.name))
        self.manifests.append(_change(path, content, found, unit))

    def _closed(self, unit: Owner) -> None:
        known = self._known_paths(unit)
        for closed in unit.closed:
            ignore = HelmIgnore.of({NAME: unit.files.get(f"{closed}/{NAME}", b"")})
            for path, _ in self.folder.walk(closed):
                if path in known or path in self.planned:
                    continue
                if not ignore.covers(path.removeprefix(f"{closed}/")):
                    self.standings.append(stranger(path, closed))

    def _edit(self, edit: Edit) -> None:
        found = self.folder.look(edit.path)
        if found.kind is PathKind.FILE and found.digest == digest_of(edit.after):
            return
        new = edit.before is None
        ours = frozenset() if edit.before is None else frozenset({digest_of(edit.before)})
        ours |= {self.plan.merged_edits[edit.path]} if edit.path in self.plan.merged_edits else ours
        state = _state(found, ours)
        if state is FileState.MISSING and not new:
            state = FileState.EDITED
        self.standings.append(edited(edit.path, state, found, new=new))
        self.files.append(
            FileChange(
                path=edit.path,
                content=edit.after,
                before=found.digest,
                mode=found.mode or 0o644,
            )
        )

    def _strangers(self) -> None:
        """Charts, objects and manifests of nobody, where only those of the plan may be."""
        teams = {each.name.removeprefix(TEAM) for each in self.units if each.name != PLATFORM}
        for name, kind in self.folder.entries(_TEAMS):
            path = f"{_TEAMS}/{name}"
            if name not in teams and (kind is not PathKind.FOLDER or self.folder.walk(path)):
                self.standings.append(stranger(path, _TEAMS))
        for path, _ in self.folder.walk(FOLDER):
            if unit_at(path) is None:
                self.standings.append(stranger(path, FOLDER))
        for tool in GITOPS:
            for path, _ in self.folder.walk(tool):
                applied = "/".join(path.split("/")[:_APPLIED])
                if applied != path and path not in self.ours and path not in self.planned:
                    self.standings.append(stranger(path, applied))
        self._second_owners_file()

    def _second_owners_file(self) -> None:
        planned = OWNERS_FILES & self.planned
        for path in sorted(OWNERS_FILES - self.planned - self.ours.keys()):
            if planned and self.folder.look(path).kind is not PathKind.ABSENT:
                self.standings.append(second(path, *planned))


def digest_of(content: bytes) -> str:
    """The SHA-256 digest that manifests hold."""
    return hashlib.sha256(content).hexdigest()


def _change(path: str, content: bytes | None, found: FolderEntry, unit: Owner) -> FileChange:
    return FileChange(path=path, content=content, before=found.digest, unit=unit.name)


def _state(found: FolderEntry, ours: frozenset[str]) -> FileState:
    match found.kind:
        case PathKind.ABSENT:
            return FileState.MISSING
        case PathKind.FILE if found.digest in ours:
            return FileState.OUTDATED
        case PathKind.FILE if ours:
            return FileState.EDITED
        case _:
            return FileState.FOREIGN
