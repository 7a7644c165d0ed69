"""Custom resource definitions for the end-to-end tests.

Upstream's own are taken from the folder that `TRANSIRE_CRDS` names, or from `crds` beside the
repository's other shared data. For a kind that is not there, a definition of ours is made that
keeps whatever it is given.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from support.e2e.client import Client
from support.e2e.wait import until
from support.shared_data import shared

VARIABLE = "TRANSIRE_CRDS"
_API = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimalKind:
    """A kind that is served without a schema where upstream's definition is not there."""

    group: str
    version: str
    kind: str
    resource: str
    namespaced: bool = True


def folder() -> Path | None:
    """The folder of upstream's definitions, if this machine has one."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else shared("crds")


def upstream(*places: str) -> list[dict[str, Any]]:
    """The definitions in these files or folders below `folder()`, as far as they are there."""
    root = folder()
    if root is None:
        return []
    assert root.is_dir(), f"{VARIABLE}={root} is no folder"
    paths = [path for place in places for path in _files(root / place)]
    return [each for path in paths for each in _definitions(path)]


def minimal(kind: MinimalKind) -> dict[str, Any]:
    """A definition of ours, under which every field of an object is kept."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.resource}.{kind.group}"},
        "spec": {
            "group": kind.group,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "names": {"kind": kind.kind, "plural": kind.resource, "singular": kind.kind.lower()},
            "versions": [
                {
                    "name": kind.version,
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }


def install(client: Client, definitions: Iterable[Mapping[str, Any]]) -> None:
    """Create definitions and wait until their kinds are served; the first of a name counts."""
    wanted: dict[str, Mapping[str, Any]] = {}
    for each in definitions:
        wanted.setdefault(each["metadata"]["name"], each)
    for each in wanted.values():
        client.raw("POST", _API, _approved(each)).object()
    for name, each in wanted.items():
        until(partial(_served, client, each["spec"]), f"the kinds of {name} are not served")


def _approved(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Groups of `k8s.io` are protected: the server wants to see where they were reviewed."""
    metadata = dict(definition["metadata"])
    annotations = {"api-approved.kubernetes.io": "unapproved, for tests"}
    metadata["annotations"] = annotations | metadata.get("annotations", {})
    return {**definition, "metadata": metadata}


def _served(client: Client, spec: Mapping[str, Any]) -> bool:
    """Whether every served version lists the kind, which comes a moment after it is made."""
    for version in spec["versions"]:
        if version["served"]:
            listed = client.raw("GET", f"/apis/{spec['group']}/{version['name']}")
            names = [each["name"] for each in listed.body["resources"] or ()] if listed.ok else []
            if spec["names"]["plural"] not in names:
                return False
    return True


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(path.glob("*.yaml"))
    elif path.exists():
        yield path


def _definitions(path: Path) -> Iterator[dict[str, Any]]:
    for document in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader):
        if document and document.get("kind") == "CustomResourceDefinition":
            document.pop("status", None)
            yield document
