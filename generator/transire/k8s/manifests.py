"""Kubernetes objects as read from a YAML stream."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from transire.yamlio.source_text import SourceText

Made = TypeVar("Made")

Tree = Mapping[str, Any]
"""A mapping as Helm's YAML reader gives it: strings, numbers, booleans, None, lists, mappings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef:
    """The name of an object: what a finding or a verdict points at."""

    kind: str
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        """`Kind namespace/name`, or `Kind name` for a cluster-wide object."""
        return (
            f"{self.kind} {self.namespace}/{self.name}"
            if self.namespace
            else (f"{self.kind} {self.name}")
        )


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One object: `source` is the file or template it came from, `index` its place in the input.

    The index counts documents over the whole input from 0, `List` kinds already unpacked, so that
    a report can name the one it means. `body` is never changed after reading.
    """

    source: str
    index: int
    body: Tree
    repeated: tuple[str, ...] = ()
    """Pointers to keys that stand twice where the object is written; the last one counts."""
    written: SourceText | None = field(default=None, compare=False, repr=False)
    """The text that it was read from, where somebody wrote it."""

    @property
    def api_version(self) -> str:
        """`apiVersion`, or the empty string."""
        return _text(self.body.get("apiVersion"))

    @cached_property
    def ref(self) -> ObjectRef:
        """Kind, namespace and name, each empty where the object has none."""
        metadata = self.body.get("metadata")
        meta = metadata if isinstance(metadata, Mapping) else {}
        return ObjectRef(
            kind=_text(self.body.get("kind")),
            namespace=_text(meta.get("namespace")),
            name=_text(meta.get("name")),
        )

    def place(self, path: str) -> tuple[int, int]:
        """Line and column of what a JSON pointer names, 0 and 0 where no text is known."""
        return self.written.place(path) if self.written else (0, 0)

    def with_body(self, body: Tree) -> Manifest:
        """The same object with another body."""
        return replace(self, body=body)

    def once(self, key: Hashable, make: Callable[[Manifest], Made]) -> Made:
        """What `make` works out from this object alone, once for each key.

        An object is read beside many others, and most of what comes of it is the same each time.
        """
        if key not in self._known:
            self._known[key] = make(self)
        found: Made = self._known[key]
        return found

    @cached_property
    def _known(self) -> dict[Hashable, Any]:
        return {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
