"""Objects of policies and of a snapshot, with the place of each in its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest
from transire.review.doctor.findings import Evidence

OWNER = "app.kubernetes.io/part-of"
OURS = "transire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An object, the file that it is in, and the JSON pointer to it there."""

    manifest: Manifest
    file: str
    at: str = ""

    def shows(self, path: str, what: str) -> Evidence:
        """What a place in the object shows."""
        return Evidence(file=self.file, at=f"{self.at}{path}" or "/", shows=what)


@dataclass(frozen=True, kw_only=True)
class Objects:
    """All objects, by their kind; `kinds` are those that were asked for, held or not."""

    placed: tuple[Placed, ...]
    kinds: frozenset[str] = field(default_factory=frozenset)
    given: bool = False
    """Whether a snapshot was given."""

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[Placed, ...]]:
        """The objects of each kind."""
        found: dict[str, list[Placed]] = {}
        for each in self.placed:
            found.setdefault(each.manifest.ref.kind, []).append(each)
        return {kind: tuple(held) for kind, held in found.items()}

    @cached_property
    def _by_body(self) -> Mapping[int, Placed]:
        return {each.manifest.index: each for each in self.placed}

    def of(self, *kinds: str) -> Iterator[Placed]:
        """The objects of these kinds."""
        for kind in kinds:
            yield from self.by_kind.get(kind, ())

    def has(self, kind: str) -> bool:
        """Whether the kind was looked at: an object of it is there, or an empty list of it is."""
        return kind in self.by_kind or kind in self.kinds

    def where(self, manifest: Manifest) -> Placed:
        """The place of an object of these."""
        found = self._by_body.get(manifest.index)
        return found or Placed(manifest=manifest, file=manifest.source)

    def named(self, kind: str, namespace: str, name: str) -> Placed | None:
        """The object of that name."""
        for each in self.of(kind):
            if (each.manifest.ref.namespace, each.manifest.ref.name) == (namespace, name):
                return each
        return None


def is_ours(manifest: Manifest) -> bool:
    """Whether the object was generated here."""
    return text(inner(manifest.body, "metadata", "labels"), OWNER) == OURS


def shown_lines(lines: Iterable[int]) -> str:
    """The lines of a file, the first few of them."""
    found = sorted(dict.fromkeys(lines))
    first = ", ".join(map(str, found[:_SHOWN]))
    more = len(found) - _SHOWN
    word = "line" if len(found) == 1 else "lines"
    return f"{word} {first}" + (f" and {more} more" if more > 0 else "")


_SHOWN = 6
"""Lines of one file that are named."""
