"""The first place in which two trees of YAML or JSON differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from transire.k8s.typed_decoding import pointer

NOTHING = object()
"""What a tree has where the other has one key or item more."""

_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A JSON pointer, `/` for the whole, and what each of the trees has there."""

    pointer: str
    one: object
    other: object

    @property
    def shown(self) -> str:
        """What both have there, for a sentence about the first."""
        return f"has {_shown(self.one)} at {self.pointer}"

    @property
    def wanted(self) -> str:
        """What the other has there."""
        return _shown(self.other)


def first_difference(one: Any, other: Any) -> Difference | None:  # noqa: ANN401 - a tree
    """Where the trees differ first, in the order of their keys; None where they are the same."""
    return _difference(one, other, ())


def _difference(one: Any, other: Any, way: tuple[str, ...]) -> Difference | None:  # noqa: ANN401
    inside: Iterable[tuple[object, Any, Any]]
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = sorted({*one, *other}, key=str)
        inside = ((key, one.get(key, NOTHING), other.get(key, NOTHING)) for key in keys)
    elif isinstance(one, list) and isinstance(other, list):
        pairs = zip_longest(one, other, fillvalue=NOTHING)
        inside = ((place, mine, theirs) for place, (mine, theirs) in enumerate(pairs))
    elif type(one) is type(other) and one == other:
        return None
    else:
        return Difference(pointer=pointer(*way) or "/", one=one, other=other)
    found = (_difference(mine, theirs, (*way, str(key))) for key, mine, theirs in inside)
    return next((each for each in found if each is not None), None)


def _shown(found: object) -> str:
    text = "nothing" if found is NOTHING else repr(found)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
