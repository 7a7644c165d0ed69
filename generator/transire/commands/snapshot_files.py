"""Snapshots of a cluster: files with what `kubectl get -o json` or `-o yaml` prints.

One file may hold everything, one kind or one object, and folders may stand for namespaces. What
cannot be read is counted and named, and Secrets are left out at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from transire.commands.given_files import files_below
from transire.helm import read_yaml
from transire.k8s.manifests import Manifest
from transire.model.problems import Rejected, Unjudgeable, UsageError
from transire.review.doctor.findings import Unseen
from transire.review.doctor.placed import Placed

_SECRET = "Secret"  # noqa: S105 - a kind
_LIST = re.compile(r"^kind:\s*[\"']?[A-Za-z]*List[\"']?\s*$", re.MULTILINE)
_DOCUMENTS = re.compile(r"^---\s*$", re.MULTILINE)
_AGAIN = "collect the snapshot again, and look at what kubectl prints on standard error"
_PLURALS: Mapping[str, str] = MappingProxyType(
    {
        "applications": "Application",
        "configmaps": "ConfigMap",
        "daemonsets": "DaemonSet",
        "endpointslices": "EndpointSlice",
        "helmreleases": "HelmRelease",
        "namespaces": "Namespace",
        "nodes": "Node",
        "pods": "Pod",
        "services": "Service",
    }
)
"""Names of resources by which files are called that may hold none of them."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The objects of a snapshot in their places, the kinds of its files, and what was not read."""

    placed: tuple[Placed, ...]
    kinds: frozenset[str] = frozenset()
    unseen: tuple[Unseen, ...] = ()


@dataclass(kw_only=True)
class _Found:
    """What is read of a snapshot while its files are."""

    start: int
    placed: list[Placed] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    unseen: list[Unseen] = field(default_factory=list)
    secrets: int = 0

    def add(self, file: str, at: str, body: Mapping[str, Any]) -> None:
        """Keep an object, unless it is a Secret."""
        if body.get("kind") == _SECRET:
            self.secrets += 1
            return
        index = self.start + len(self.placed)
        manifest = Manifest(source=file, index=index, body=body)
        self.placed.append(Placed(manifest=manifest, file=file, at=at))


def read_snapshot(folder: Path, start: int) -> Snapshot:
    """The objects in the files of a folder, or of one file; `start` is the index of the first.

    Raises:
        UsageError: if there is no such folder or file, or no file of a snapshot is in it.
    """
    found = _Found(start=start)
    for path in _files(folder):
        kind = _PLURALS.get(path.stem.lower().partition(".")[0])
        if kind and _read(path, found):
            found.kinds.add(kind)
        elif not kind:
            _read(path, found)
    if found.secrets:
        what = f"the snapshot holds {found.secrets} Secrets, which were not looked at"
        found.unseen.append(Unseen(what=what, command="delete them from the snapshot"))
    return Snapshot(
        placed=tuple(found.placed), kinds=frozenset(found.kinds), unseen=tuple(found.unseen)
    )


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such file or folder")
    return files_below(folder)


def _read(path: Path, found: _Found) -> bool:
    """Whether the file could be read; what it holds is kept."""
    shown = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return _unread(found, shown, str(error))
    if not text.strip():
        return _unread(found, shown, "it is empty")
    if text.lstrip().startswith("{") and not _DOCUMENTS.search(text):
        return _read_json(text, shown, found)
    return _read_yaml(text, shown, found)


def _unread(found: _Found, shown: str, why: str) -> bool:
    found.unseen.append(Unseen(what=f"{shown} could not be read: {why}", command=_AGAIN))
    return False


def _read_json(text: str, shown: str, found: _Found) -> bool:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return _unread(found, shown, "it is no JSON, or cut off")
    for at, body in _objects(tree, ""):
        found.add(shown, at, body)
    return True


def _objects(tree: object, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects in a document, lists unpacked; items of a list of one kind may leave it out."""
    if not isinstance(tree, dict):
        return
    kind, items = tree.get("kind"), tree.get("items")
    if not isinstance(kind, str) or not (kind.endswith("List") and isinstance(items, list)):
        if isinstance(kind, str):
            yield at, tree
        return
    for place, each in enumerate(items):
        if isinstance(each, dict):
            own = kind.removesuffix("List")
            if own and "kind" not in each:
                each = {"apiVersion": tree.get("apiVersion"), "kind": own, **each}  # noqa: PLW2901
            yield from _objects(each, f"{at}/items/{place}")


def _read_yaml(text: str, shown: str, found: _Found) -> bool:
    try:
        read = read_yaml(text, shown)
    except Rejected as rejected:
        return _unread(found, shown, rejected.problems[0].message)
    except Unjudgeable as error:
        return _unread(found, shown, str(error))
    for at, each in zip(places(read, text), read, strict=True):
        found.add(shown, at, each.body)
    return True


def places(manifests: Sequence[Manifest], text: str) -> Iterator[str]:
    """The JSON pointers to objects in a file: the place in a list, and none where it has one."""
    listed = _LIST.search(text) is not None or '"items"' in text[:4096]
    for place, _ in enumerate(manifests):
        yield f"/items/{place}" if listed else ""


def placed_in(manifests: Sequence[Manifest]) -> Iterator[Placed]:
    """Objects that were read from files, in their places there."""
    by_file: dict[str, list[Manifest]] = {}
    for each in manifests:
        by_file.setdefault(each.source, []).append(each)
    for file, held in by_file.items():
        for at, each in zip(places(held, _head(file)), held, strict=True):
            yield Placed(manifest=each, file=file, at=at)


def _head(file: str) -> str:
    """The text of a file, empty where it is none."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def reindexed(placed: Sequence[Placed], start: int) -> tuple[Placed, ...]:
    """The same objects, counted from `start`."""
    return tuple(
        replace(each, manifest=replace(each.manifest, index=start + place))
        for place, each in enumerate(placed)
    )
