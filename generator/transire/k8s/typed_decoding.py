"""What an API server does to an object before it validates it.

Typed decoding drops keys that the type does not have, refuses values of another type, and reads
null as "not given". A `Shape` is the type; `decode` applies it. Source: the JSON decoding of
Kubernetes API types, in which key names are case-sensitive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from transire.model.problems import value_wording


class Scalar(Enum):
    """A leaf of a shape; the value names what belongs there."""

    TEXT = "a string"
    WHOLE = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    WHOLE_OR_TEXT = "a whole number or a string"
    ANY = "anything"


@dataclass(frozen=True, slots=True)
class Struct:
    """An object with known keys; every other key is dropped."""

    fields: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items all have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with free keys whose values all have one shape."""

    value: Shape


Shape = Scalar | Struct | ListOf | MapOf

METADATA = Struct(
    {
        "name": Scalar.TEXT,
        "generateName": Scalar.TEXT,
        "namespace": Scalar.TEXT,
        "selfLink": Scalar.TEXT,
        "uid": Scalar.TEXT,
        "resourceVersion": Scalar.TEXT,
        "generation": Scalar.WHOLE,
        "creationTimestamp": Scalar.TEXT,
        "deletionTimestamp": Scalar.TEXT,
        "deletionGracePeriodSeconds": Scalar.WHOLE,
        "labels": MapOf(Scalar.TEXT),
        "annotations": MapOf(Scalar.TEXT),
        "ownerReferences": ListOf(Scalar.ANY),
        "finalizers": ListOf(Scalar.TEXT),
        "managedFields": ListOf(Scalar.ANY),
    }
)
"""`metadata` of every object."""


def kind_shape(spec: Shape, **more: Shape) -> Struct:
    """The shape of a whole object with this `spec`."""
    top: dict[str, Shape] = {
        "apiVersion": Scalar.TEXT,
        "kind": Scalar.TEXT,
        "metadata": METADATA,
        "spec": spec,
    }
    return Struct(MappingProxyType({**top, **more}))


def field_names(shape: Shape | None, way: Iterable[str]) -> tuple[str, ...]:
    """The fields where keys lead from a shape, places in lists left out; none if nowhere."""
    for key in way:
        below = _in_lists(shape)
        shape = below.fields.get(key) if isinstance(below, Struct) else None
    found = _in_lists(shape)
    return tuple(found.fields) if isinstance(found, Struct) else ()


def _in_lists(shape: Shape | None) -> Shape | None:
    while isinstance(shape, ListOf):
        shape = shape.item
    return shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """An object after decoding: known keys only, nulls gone, types as in the shape.

    `pruned` and the beginning of each misfit are JSON pointers, in document order.
    """

    value: Mapping[str, Any]
    pruned: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    """Nulls outside of `metadata` that are read as "not given"."""


def pointer(*parts: str | int) -> str:
    """The JSON pointer of these keys and indexes (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def decode(body: Mapping[str, Any], shape: Struct, *, by_definition: bool = False) -> Decoded:
    """What is left of `body` when it is read as `shape`.

    Args:
        body: the object.
        shape: its kind's.
        by_definition: whether a custom resource definition is the type, and not one of Go: then a
            null in a list is refused and one in a map is dropped, `metadata` excepted.
    """
    run = _Run(by_definition)
    value = run.struct(body, shape, ())
    return Decoded(
        value=value,
        pruned=tuple(run.pruned),
        misfits=tuple(run.misfits),
        nulls=tuple(run.nulls),
    )


_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    by_definition: bool
    nulls: list[str] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)

    def struct(self, body: Mapping[str, Any], shape: Struct, at: _Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in body.items():
            inner = shape.fields.get(key)
            if inner is None:
                self.pruned.append(pointer(*at, key))
            elif value is not None:
                found[key] = self.any(value, inner, (*at, key))
            elif not at or at[0] != _METADATA:
                self.nulls.append(pointer(*at, key))
        return found

    def any(self, value: object, shape: Shape, at: _Path) -> object:
        if isinstance(shape, Scalar):
            return self.scalar(value, shape, at)
        if isinstance(shape, ListOf):
            if isinstance(value, list | tuple):
                if shape.item is Scalar.TEXT and all(isinstance(each, str) for each in value):
                    return list(value)
                items = enumerate(value)
                return [self.item(each, shape.item, (*at, place)) for place, each in items]
            return self.misfit(value, "a list", at, [])
        if not isinstance(value, Mapping):
            return self.misfit(value, "an object", at, {})
        if isinstance(shape, Struct):
            return self.struct(value, shape, at)
        if self.by_definition and at[0] != _METADATA:
            self.nulls.extend(pointer(*at, key) for key, each in value.items() if each is None)
            value = {key: each for key, each in value.items() if each is not None}
        return {key: self.item(each, shape.value, (*at, key)) for key, each in value.items()}

    def item(self, value: object, shape: Shape, at: _Path) -> object:
        """A list item or map value: in Go, null leaves the zero value of its type there."""
        if value is not None:
            return self.any(value, shape, at)
        nothing = _nothing(shape)
        if self.by_definition and at[0] != _METADATA:
            return self.misfit(value, _wanted(shape), at, nothing)
        return nothing

    def scalar(self, value: object, shape: Scalar, at: _Path) -> object:
        if isinstance(value, str):
            if shape is Scalar.TEXT or shape is Scalar.WHOLE_OR_TEXT:
                return value
        elif isinstance(value, bool):
            if shape is Scalar.FLAG:
                return value
        elif isinstance(value, int | float) and shape in _NUMBERS:
            whole = int(value) if isinstance(value, float) and value.is_integer() else value
            if isinstance(whole, int) or shape is Scalar.NUMBER:
                return whole
        if shape is Scalar.ANY:
            return value
        return self.misfit(value, shape.value, at, _zero(shape))

    def misfit(self, value: object, wanted: str, at: _Path, instead: object) -> object:
        self.misfits.append(f"{pointer(*at)} is {value_wording(value)} where {wanted} belongs")
        return instead


_METADATA = "metadata"
_NUMBERS = (Scalar.WHOLE, Scalar.NUMBER, Scalar.WHOLE_OR_TEXT)


def _nothing(shape: Shape) -> object:
    if isinstance(shape, Scalar):
        return _zero(shape)
    return [] if isinstance(shape, ListOf) else {}


def _zero(shape: Scalar) -> object:
    """The zero value of a scalar's type in Go."""
    if shape is Scalar.TEXT:
        return ""
    if shape is Scalar.FLAG:
        return False
    return None if shape is Scalar.ANY else 0


def _wanted(shape: Shape) -> str:
    if isinstance(shape, Scalar):
        return shape.value
    return "a list" if isinstance(shape, ListOf) else "an object"
