"""Manifests: which files are generated, and what they held when they were written.

`.transire/owned/<unit>.json` is committed beside the files. A file there whose digest still holds
may be replaced or removed; any other is somebody's work. What a manifest may list is limited to
the places where its unit's files go, so that a forged one cannot have other files removed.

The journal has the same shape for several units. It is written before a file is touched and names
what is about to be there, so that after a crash a later run knows those files for its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transire.workspace.file_plan import Owner, is_owner, owner_of, path_fault

FOLDER = ".transire/owned"
LIMIT = 16 << 20
"""More bytes than any manifest has; a greater one is not read."""
JOURNAL_LIMIT = 512 << 20
"""The same of a journal, which is about all units at once."""

_VERSION = "transire/v1"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")

OwnedFiles = Mapping[str, str]
"""Repository paths and the SHA-256 digests of their contents."""


PendingFiles = Mapping[str, frozenset[str]]
"""Repository paths and the digests that runs were about to give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What interrupted runs were about to write: pending files by unit."""

    units: Mapping[str, PendingFiles] = field(default_factory=dict)


def manifest_path(unit: str) -> str:
    """Where the unit's manifest is."""
    return f"{FOLDER}/{unit}.json"


def unit_at(path: str) -> str | None:
    """The unit whose manifest `path` is, or None where it is no manifest."""
    name = path.removeprefix(f"{FOLDER}/").removesuffix(".json")
    return name if manifest_path(name) == path and is_owner(name) else None


def write_manifest(owned: OwnedFiles) -> bytes:
    """The manifest as bytes; equal files give equal bytes."""
    return _dump({"apiVersion": _VERSION, "kind": "OwnedFiles", "files": _written(owned)})


def read_manifest(unit: Owner, content: bytes) -> OwnedFiles:
    """The files in the unit's manifest.

    Raises:
        ValueError: with a sentence, if it is no manifest of this release or lists a file that the
            unit cannot own.
    """
    return _owned_files(unit, _fields(content, "OwnedFiles", "files"))


def write_journal(journal: Journal) -> bytes:
    """The journal as bytes."""
    units = {
        name: {
            path: [f"sha256:{each}" for each in sorted(pending[path])] for path in sorted(pending)
        }
        for name, pending in sorted(journal.units.items())
    }
    return _dump({"apiVersion": _VERSION, "kind": "Journal", "units": units})


def read_journal(content: bytes) -> Journal:
    """What `write_journal` wrote.

    Raises:
        ValueError: as `read_manifest`.
    """
    units = _fields(content, "Journal", "units", JOURNAL_LIMIT)
    return Journal(
        units={
            name: _pending_files(Owner(name=name, files={}), each) for name, each in units.items()
        }
    )


def _written(owned: OwnedFiles) -> dict[str, str]:
    return {path: f"sha256:{digest}" for path, digest in sorted(owned.items())}


def _dump(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2) + "\n").encode()


def _fields(content: bytes, kind: str, key: str, limit: int = LIMIT) -> dict[str, Any]:
    if len(content) > limit:
        raise ValueError(f"it has more than {limit} bytes")
    try:
        document = json.loads(content.decode(), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON from line {error.lineno} on") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, dict) or document.get("apiVersion") != _VERSION:
        raise ValueError(f"its apiVersion is not {_VERSION!r}")
    if document.keys() != {"apiVersion", "kind", key} or document["kind"] != kind:
        raise ValueError(f"it is not of kind {kind!r}")
    return _map(document[key], key)


def _map(value: object, name: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError(f"{name!r} is not a map")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice")
    return found


def _owned_files(unit: Owner, written: object) -> OwnedFiles:
    return {path: _digest(unit, path, each) for path, each in _map(written, "files").items()}


def _pending_files(unit: Owner, written: object) -> PendingFiles:
    found: dict[str, frozenset[str]] = {}
    for path, digests in _map(written, unit.name).items():
        found[path] = frozenset(_digest(unit, path, each) for each in _list(digests, path))
    return found


def _list(value: object, name: str) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueError(f"{name!r} has no list of digests")


def _digest(unit: Owner, path: str, written: object) -> str:
    match = _DIGEST.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{path!r} has no digest such as sha256:<64 hexadecimal digits>")
    if path_fault(path) is not None or owner_of(path) != unit.name:
        raise ValueError(f"{path!r} is no file that {unit.name} can own")
    return match[1]
