"""Files of Kubernetes objects, before they are text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transire.charts.layout import PART_OF, US
from transire.yamlio import YamlTree, write

Object = dict[str, YamlTree]
"""One Kubernetes object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFile:
    """The objects of one file, in the order they are written, and comment lines before them."""

    objects: tuple[Object, ...]
    head: tuple[str, ...] = ()


Files = Mapping[str, ObjectFile]
"""Files by their path in the repository."""


def named(
    *,
    api: str,
    kind: str,
    name: str,
    namespace: str = "",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """The beginning of every object: its kind, its name, its labels and annotations."""
    metadata: Object = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    labels = {PART_OF: US, **(labels or {})}
    metadata["labels"] = dict(sorted(labels.items()))
    if annotations:
        metadata["annotations"] = dict(sorted(annotations.items()))
    return {"apiVersion": api, "kind": kind, "metadata": metadata}


def text(file: ObjectFile) -> str:
    """The file as it is written: its comment, then one YAML document for each object."""
    first, *others = file.objects
    return "---\n".join([write(first, head=file.head), *map(write, others)])
