"""A change of an object: as a diff for people, and as a JSON patch for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

from transire.k8s.json_pointer import plain
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import pointer
from transire.yamlio import write

Operation = Mapping[str, Any]
"""One step of a JSON patch (RFC 6902): `op`, `path` and, but for `remove`, `value`."""

_CONTEXT = 2
"""Lines shown around a change."""
_HEADER = 2
_OF_SERVERS = frozenset(
    {"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)
"""Fields of metadata that a server writes."""
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What to change in an object, and nothing of the rest of it."""

    patch: tuple[Operation, ...] = field(compare=False)
    diff: str
    """Lines of YAML that begin with a space, `-` or `+`, and `...` between places."""


def corrected(manifest: Manifest, edit: Callable[[dict[str, Any]], object]) -> Correction | None:
    """The change that an edit makes; None where there is none to offer.

    An edit may take the place that it changes for what a valid object has there: where that is
    something else, the object has to be put right by hand. Fractions and nulls have no spelling
    that every reader takes alike, so objects with them are not written either.
    """
    try:
        before = plain(manifest.body)
        after = plain(manifest.body)
        edit(after)
        patch = tuple(_steps(before, after, ""))
        diff = _diff(_as_written(before), _as_written(after))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None
    return Correction(patch=patch, diff=diff) if patch and diff else None


def _as_written(body: dict[str, Any]) -> list[str]:
    """The object as YAML without what servers add to it."""
    kept = {key: value for key, value in body.items() if key != "status"}
    metadata = kept.get("metadata")
    if isinstance(metadata, dict):
        kept["metadata"] = {key: value for key, value in metadata.items() if key not in _OF_SERVERS}
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            kept["metadata"]["annotations"] = {
                key: value for key, value in annotations.items() if key != _LAST_APPLIED
            }
    return write(kept).splitlines()


def _diff(before: list[str], after: list[str]) -> str:
    lines = list(unified_diff(before, after, n=_CONTEXT, lineterm=""))[_HEADER:]
    shown = ["..." if each.startswith("@@") else each for each in lines]
    return "\n".join(shown[1:])


def _steps(before: object, after: object, at: str) -> Iterator[Operation]:
    """The steps that lead from one tree to the other, in an order in which they can be taken."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            here = f"{at}{pointer(key)}"
            if key in after:
                yield from _steps(before[key], after[key], here)
            else:
                yield {"op": "remove", "path": here}
        for key in after:
            if key not in before:
                yield {"op": "add", "path": f"{at}{pointer(key)}", "value": after[key]}
    elif isinstance(before, list) and isinstance(after, list):
        yield from _steps_of_list(before, after, at)
    elif before != after or type(before) is not type(after):
        yield {"op": "replace", "path": at, "value": after}


def _steps_of_list(before: list[Any], after: list[Any], at: str) -> Iterator[Operation]:
    """Items at both ends that stay the same are left alone, those between them pair by pair."""
    shorter = min(len(before), len(after))
    first = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    last = next((n for n in range(shorter - first) if before[-1 - n] != after[-1 - n]), None)
    same_end = shorter - first if last is None else last
    old, new = before[first : len(before) - same_end], after[first : len(after) - same_end]
    for place, (one, other) in enumerate(zip(old, new, strict=False), first):
        yield from _steps(one, other, f"{at}{pointer(place)}")
    for place in range(first + len(old) - 1, first + len(new) - 1, -1):
        yield {"op": "remove", "path": f"{at}{pointer(place)}"}
    for place, each in enumerate(new[len(old) :], first + len(old)):
        yield {"op": "add", "path": f"{at}{pointer(place)}", "value": each}
