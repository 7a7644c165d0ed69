"""What a merge in Git made of generated files, so that a run may write them again.

A generated file may be replaced while it is what a run wrote. After a merge it may be a mixture of
what two runs wrote on two branches, with markers or without, and so may the manifest that knows it.
Such a file is ours as long as each of its lines comes from one of the sides: nobody wrote into it.
Any other line is somebody's work, and the file stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transire.charts.chart_yaml import NAME
from transire.charts.layout import BASELINE, TIER
from transire.charts.merged_chart import decided
from transire.git.repository import NoRepository, Repository
from transire.workspace.drift import digest_of
from transire.workspace.file_plan import Owner
from transire.workspace.ownership import FOLDER, LIMIT, OwnedFiles, read_manifest, unit_at
from transire.workspace.safe_folder import Folder, open_folder

_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD^1", "REBASE_HEAD")
"""What HEAD is put together with; a revert takes what was there before the commit."""

_BEFORE = b"|||||||"
_MARKS = (b"<<<<<<<", _BEFORE, b"=======", b">>>>>>>")
_CHARTS = tuple(f"charts/{each}/{NAME}" for each in (BASELINE, TIER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Manifests by unit, as the merge should have left them, and edited files by their digest."""

    owned: Mapping[str, OwnedFiles]
    edits: Mapping[str, str]


NOTHING = Merged(owned={}, edits={})


def merged(root: Path, repository: Repository | NoRepository) -> Merged:
    """What to take for ours besides what the manifests on the disk hold.

    That is about a merge under way, or one that the last commit made; without one it is nothing.

    Raises:
        GitFailed: if Git fails.
        DiskFailed: if a file cannot be read.
    """
    sides = () if isinstance(repository, NoRepository) else _sides(repository)
    if isinstance(repository, NoRepository) or not sides:
        return NOTHING
    listed = [repository.oids(side, FOLDER) for side in sides]
    differing = sorted(
        path
        for path in listed[0].keys() | listed[1].keys()
        if listed[0].get(path) != listed[1].get(path)
    )
    with open_folder(root) as opened:
        looking = _Looking(repository, sides, opened)
        owned = {
            unit: looking.owned(unit, path, [each.get(path) for each in listed])
            for path in differing
            if (unit := unit_at(path)) is not None
        }
        return Merged(
            owned={unit: each for unit, each in owned.items() if each is not None},
            edits=dict(_edits(opened)),
        )


def _sides(repository: Repository) -> tuple[str, ...]:
    """The two commits that are put together: under way, or by the last commit."""
    pairs = (*(("HEAD", each) for each in _UNDER_WAY), ("HEAD^1", "HEAD^2"))
    for pair in pairs:
        ours, theirs = (repository.commit(each) for each in pair)
        if ours is not None and theirs is not None:
            return ours, theirs
    return ()


def _edits(opened: Folder) -> Iterable[tuple[str, str]]:
    for path in _CHARTS:
        content = opened.read(path, LIMIT)
        if content is not None and decided(content) != content:
            yield path, digest_of(content)


class _Looking:
    """Looks at the generated files of both sides and of the disk."""

    def __init__(self, repository: Repository, sides: tuple[str, ...], opened: Folder) -> None:
        self._repository = repository
        self._sides = sides
        self._opened = opened

    def owned(self, unit: str, path: str, oids: list[str | None]) -> OwnedFiles | None:
        """The unit's manifest with what the merge made; None where a side has no manifest."""
        contents = self._repository.blobs(each for each in oids if each is not None)
        sides = [_manifest(unit, contents.get(oid or "")) for oid in oids]
        if any(each is None for each in sides):
            return None
        held = [each or {} for each in sides]
        on_disk = _manifest(unit, self._opened.read(path, LIMIT)) or {}
        found = {**held[1], **held[0], **on_disk}
        for name in found:
            content = self._opened.read(name, LIMIT)
            if content is None:
                continue
            digest = digest_of(content)
            generated = {each[name] for each in (*held, on_disk) if name in each}
            if digest in generated or self._is_mixture(name, content, held):
                found[name] = digest
        return found

    def _is_mixture(self, path: str, content: bytes, held: Sequence[OwnedFiles]) -> bool:
        """Whether every line comes from a side that generated the file, or is the merge's own."""
        names = [f"{side}:{self._repository.prefix}{path}" for side in self._sides]
        oids = self._repository.objects(names)
        blobs = self._repository.blobs(each for each in oids.values() if each is not None)
        lines: set[bytes] = set()
        for name, owned in zip(names, held, strict=True):
            blob = blobs.get(oids[name] or "")
            if blob is not None and digest_of(blob) != owned.get(path):
                return False
            lines.update((blob or b"").splitlines())
        return bool(lines) and all(line in lines for line in _outside_of_markers(content))


def _outside_of_markers(content: bytes) -> Iterator[bytes]:
    """The lines of both sides, without the markers and what both had before."""
    before = False
    for line in content.splitlines():
        if line.startswith(_MARKS):
            before = line.startswith(_BEFORE)
        elif not before:
            yield line


def _manifest(unit: str, content: bytes | None) -> OwnedFiles | None:
    """The manifest; nothing is owned where there is none, None where it is no manifest."""
    if content is None:
        return {}
    try:
        return read_manifest(Owner(name=unit, files={}), content)
    except ValueError:
        return None
