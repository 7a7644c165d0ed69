"""A policy repository as a commit, a folder or the working tree has it: what is there, unread.

Every file has an id that depends on its content alone, so two snapshots are compared without
reading what is equal in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from transire.git.base import DEFAULT, choose_base, is_branch
from transire.git.repository import NoRepository, Repository, blob_id, open_repository
from transire.model.problems import Rejected, UsageError
from transire.workspace.safe_folder import Folder, PathKind, open_folder
from transire.workspace.value_paths import (
    PLATFORM,
    VALUES,
    is_values_file,
    leads_to_values,
    link_among_values,
)

_UNDER = ("argocd", "charts", "flux", "values")
_NOTHING = "there is nothing to compare with"
_SHA1 = "0" * 40
_LIMIT = 64 << 20
_FOLDERS = (".", "/", "~")
"""How a text begins that can only be a folder."""


class Snapshot(Protocol):
    """What charts and values are there; `name` is where, for people."""

    @property
    def name(self) -> str:
        """Such as `origin/main (1a2b3c4d5e6f)`."""
        ...

    @property
    def commit(self) -> str:
        """The commit's full id; empty for what is no commit."""
        ...

    @property
    def ids(self) -> Mapping[str, str]:
        """The id of every file that values, charts and releases are made of, by path."""
        ...

    @property
    def links(self) -> frozenset[str]:
        """The symbolic links that stand in place of values."""
        ...

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of those of the paths that are there.

        Raises:
            ToolError: if one cannot be read.
        """
        ...


def values_of(snapshot: Snapshot, teams: Iterable[str] | None = None) -> Mapping[str, bytes]:
    """The values files of a snapshot: all, or the platform's, the bundles' and some teams'.

    Raises:
        Rejected: if a symbolic link stands in place of values.
    """
    if snapshot.links:
        raise Rejected(link_among_values(each) for each in snapshot.links)
    paths = [each for each in snapshot.ids if is_values_file(each)]
    if teams is not None:
        wanted = {PLATFORM, *(f"values/teams/{each}.yaml" for each in teams)}
        paths = [each for each in paths if each in wanted or each.startswith("values/bundles/")]
    return snapshot.read(paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A commit of the repository."""

    name: str
    commit: str
    repository: Repository
    ids: Mapping[str, str]
    links: frozenset[str] = frozenset()

    @classmethod
    def at(cls, repository: Repository, commit: str, name: str) -> Committed:
        """The commit, named so that people know it."""
        ids, links = _ids(repository, commit), _links(repository, commit)
        return cls(name=name, commit=commit, repository=repository, ids=ids, links=links)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of those of the paths that the commit has."""
        wanted = [each for each in paths if each in self.ids]
        contents = self.repository.blobs(self.ids[each] for each in wanted)
        return {path: contents[self.ids[path]] for path in wanted}


@lru_cache(maxsize=2)
def _ids(repository: Repository, commit: str) -> Mapping[str, str]:
    """The ids of a commit's files, listed once where base and HEAD are the same."""
    return MappingProxyType(
        {path: oid for under in _UNDER for path, oid in repository.oids(commit, under).items()}
    )


@lru_cache(maxsize=2)
def _links(repository: Repository, commit: str) -> frozenset[str]:
    """The links in place of values, likewise."""
    return frozenset(filter(leads_to_values, repository.links(commit, VALUES)))


def _links_on_disk(opened: Folder, paths: Iterable[str]) -> frozenset[str]:
    """Those of the paths that are links in place of values, or lie below one."""
    found = (opened.look(each) for each in paths)
    links = (each.at for each in found if each.kind is PathKind.LINK)
    return frozenset(filter(leads_to_values, links))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """A folder: the working tree, or another policy repository."""

    name: str
    root: Path
    ids: Mapping[str, str]
    commit: str = ""
    links: frozenset[str] = frozenset()

    @classmethod
    def folder(cls, root: Path, name: str) -> OnDisk:
        """A folder of which nothing is known before."""
        with open_folder(root) as opened:
            listed = [each for under in _UNDER for each in opened.walk(under)]
            maybe = [path for path, kind in listed if kind is PathKind.LINK]
            links = _links_on_disk(opened, [VALUES, *maybe])
            contents = {
                path: opened.read(path, _LIMIT) for path, kind in listed if kind is PathKind.FILE
            }
        ids = {path: blob_id(each or b"", _SHA1) for path, each in contents.items()}
        return cls(name=name, root=root, ids=ids, links=links)

    @classmethod
    def working_tree(cls, repository: Repository, head: Committed) -> OnDisk:
        """The tree around a commit: only what Git reports as changed is looked at.

        Values that Git ignores are looked at too: whatever reads the folder reads them.
        """
        ignored = filter(is_values_file, repository.ignored((VALUES,)))
        ids, changed = dict(head.ids), (*repository.changed(_UNDER), *ignored)
        with open_folder(repository.folder) as opened:
            links = head.links.difference(changed) | _links_on_disk(opened, [VALUES, *changed])
            for path in changed:
                content = opened.read(path, _LIMIT)
                ids.pop(path, None)
                if content is not None:
                    ids[path] = blob_id(content, head.commit)
        return cls(name="the working tree", root=repository.folder, ids=ids, links=links)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of those of the paths that are plain files of the folder."""
        with open_folder(self.root) as opened:
            found = {each: opened.read(each, _LIMIT) for each in paths if each in self.ids}
        return {path: content for path, content in found.items() if content is not None}


def snapshots(root: Path, base: str | None, head: str | None) -> tuple[Snapshot, Snapshot]:
    """What to compare: two commits, folders, or by default the working tree with its base.

    A base that is a branch stands for the commit where the head left it, so that only what the
    head brings is shown, and not what the branch got since then. On the branch itself it is the
    commit before.

    Raises:
        UsageError: if one of them does not exist, or there is nothing to compare with.
        GitFailed: if Git fails.
        DiskFailed: if a folder cannot be read.
    """
    repository = open_repository(root)
    after = _head(root, repository, head)
    if base is not None:
        folder = _folder(repository, base)
        if folder is not None:
            return OnDisk.folder(folder, base), after
    return _base(repository, base, after), after


def snapshot_at(root: Path, at: str | None) -> tuple[Snapshot, bool]:
    """One revision, by default that of `HEAD`, and whether the working tree is ahead of it.

    Raises:
        UsageError: if it does not exist.
        GitFailed: if Git fails.
        DiskFailed: if a folder cannot be read.
    """
    repository = open_repository(root)
    if at is None and isinstance(repository, Repository) and repository.commit("HEAD"):
        at = "HEAD"
    found = _head(root, repository, at)
    ahead = bool(found.commit) and _head(root, repository, None).ids != found.ids
    return found, ahead


def _head(root: Path, repository: Repository | NoRepository, head: str | None) -> Snapshot:
    if head is None:
        commit = None if isinstance(repository, NoRepository) else repository.commit("HEAD")
        if isinstance(repository, NoRepository) or commit is None:
            return OnDisk.folder(root, "the working tree")
        return OnDisk.working_tree(repository, Committed.at(repository, commit, "HEAD"))
    folder = _folder(repository, head)
    if folder is not None:
        return OnDisk.folder(folder, head)
    if isinstance(repository, NoRepository):
        raise UsageError(f"--head {head} is no folder, and {repository.why}")
    commit = repository.commit(head)
    if commit is None:
        raise UsageError(_neither("--head", head, repository))
    return Committed.at(repository, commit, _named(head, commit))


def _folder(repository: Repository | NoRepository, text: str) -> Path | None:
    """The folder that the text names, unless it names a commit.

    Raises:
        UsageError: if the folder is no policy repository.
    """
    sure = text.startswith(_FOLDERS)
    if not sure and isinstance(repository, Repository) and repository.commit(text) is not None:
        return None
    folder = Path(text).expanduser()
    if not folder.is_dir():
        if sure:
            raise UsageError(f"there is no folder {text}")
        return None
    if not (folder / PLATFORM).is_file():
        raise UsageError(f"{text} is no policy repository: it has no {PLATFORM}")
    return folder.resolve()


def _base(repository: Repository | NoRepository, named: str | None, after: Snapshot) -> Committed:
    if isinstance(repository, NoRepository):
        if named is not None:
            raise UsageError(f"--base {named} is no folder, and {repository.why}")
        raise UsageError(f"{_NOTHING}: {repository.why}; name a --base")
    if named is not None and repository.commit(named) is None:
        raise UsageError(_neither("--base", named, repository))
    if after.commit:
        return _base_of_commit(repository, named or DEFAULT, after.commit)
    chosen = choose_base(repository, named)
    if chosen.commit is None:
        advice = "" if "--base" in chosen.why else "; name a --base"
        raise UsageError(f"{_NOTHING}: {chosen.why}{advice}")
    target = named or DEFAULT
    if chosen.commit == repository.commit(target) and is_branch(repository, target):
        return _parting(repository, target, chosen.commit, "HEAD")
    return Committed.at(repository, chosen.commit, _named(target, chosen.commit))


def _base_of_commit(repository: Repository, target: str, head: str) -> Committed:
    tip = repository.commit(target)
    if tip is None:
        why = f"{DEFAULT} is not set; run `git remote set-head origin --auto`"
        raise UsageError(f"{_NOTHING}: {why}, or name a --base")
    if not is_branch(repository, target):
        return Committed.at(repository, tip, _named(target, tip))
    if tip != head:
        return _parting(repository, target, tip, head)
    parent = repository.first_parent(tip)
    if parent is None:
        why = "has no parent in this shallow clone" if repository.is_shallow() else "has no parent"
        raise UsageError(f"{_NOTHING}: {target} {why}; name a --base")
    return Committed.at(repository, parent, _named(f"{target}^", parent))


def _parting(repository: Repository, target: str, tip: str, head: str) -> Committed:
    """Where the head left the branch."""
    commit = repository.merge_base(tip, head)
    if commit is None:
        advice = (
            "this clone is shallow: fetch more of its history, such as `git fetch --unshallow`"
            if repository.is_shallow()
            else "name a commit or a folder with --base"
        )
        raise UsageError(f"{target} and {head[:12]} have no commit in common here; {advice}")
    return Committed.at(repository, commit, _named(target, commit))


def _named(text: str, commit: str) -> str:
    return commit[:12] if commit.startswith(text) else f"{text} ({commit[:12]})"


def _neither(option: str, text: str, repository: Repository) -> str:
    hint = "; this clone is shallow: fetch more of its history" if repository.is_shallow() else ""
    return f"{option} {text} names neither a commit of this repository nor a folder{hint}"
