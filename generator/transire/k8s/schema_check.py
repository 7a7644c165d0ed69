"""What an API server does to a custom resource: it drops unknown fields and nulls, then validates.

A shape is one node of a structural OpenAPI schema, as far as the definitions read here use it; none
of it may be null. Source: the structural schemas of apiextensions.k8s.io/v1. Create, update and
patch drop a null in a field or under a key (`PruneNonNullableNullsWithoutDefaults`), a null in a
list is refused; server-side apply refuses both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from transire.k8s.typed_decoding import ListOf, MapOf, Scalar, Struct, pointer
from transire.k8s.typed_decoding import Shape as TypeShape
from transire.model.problems import value_wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string; `form` decides what a pattern or a format does, and `noun` names it."""

    choices: tuple[str, ...] = ()
    form: Callable[[str], bool] | None = None
    noun: str = ""
    shortest: int = 0
    longest: int | None = None

    def faults(self, value: str) -> list[str]:
        """What is wrong with a string, to be written after its place."""
        found = []
        if self.choices and value not in self.choices:
            found.append(f"{value[:80]!r} is none of {', '.join(self.choices)}")
        if self.longest is not None and len(value) > self.longest:
            found.append(f"has {len(value)} characters, at most {self.longest} are taken")
        elif len(value) < self.shortest:
            found.append("is empty")
        elif self.form is not None and not self.form(value):
            found.append(f"{value[:80]!r} is not {self.noun}")
        return found

    def takes(self, value: object) -> bool:
        """Whether a value is such a string."""
        return isinstance(value, str) and not self.faults(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An integer between two bounds."""

    lowest: int | None = None
    highest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeOrText:
    """An integer, or a string of a form."""

    form: Callable[[str], bool]
    noun: str


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list of one shape."""

    item: Shape
    least: int = 0
    most: int | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An object with free keys."""

    value: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object with known keys.

    Exactly one of `one_of` and at least one of `any_of` has to be there, where these are given.
    """

    fields: Mapping[str, Shape]
    needs: frozenset[str] = frozenset()
    one_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


Shape = Text | Whole | WholeOrText | Flag | Many | Table | Fields


def some_fields(*needs: str, **fields: Shape) -> Fields:
    """An object with these fields, of which `needs` have to be there."""
    return Fields(fields=MappingProxyType(fields), needs=frozenset(needs))


def one_field(**fields: Shape) -> Fields:
    """An object with exactly one of these fields."""
    return Fields(fields=MappingProxyType(fields), one_of=tuple(fields))


def struct_of(shape: Fields) -> Struct:
    """The same fields for typed decoding, which knows no bounds."""
    return Struct(MappingProxyType({key: _type_of(each) for key, each in shape.fields.items()}))


def _type_of(shape: Shape) -> TypeShape:
    match shape:
        case Fields():
            return struct_of(shape)
        case Many():
            return ListOf(_type_of(shape.item))
        case Table():
            return MapOf(_type_of(shape.value))
        case Text():
            return Scalar.TEXT
        case Whole():
            return Scalar.WHOLE
        case WholeOrText():
            return Scalar.WHOLE_OR_TEXT
        case Flag():
            return Scalar.FLAG


@dataclass(frozen=True, slots=True)
class Checked:
    """An object after pruning and defaulting.

    `pruned` holds JSON pointers to fields that no schema has, `nulls` those to dropped nulls that
    no default replaces, and `faults` sentences that begin with one, in document order.
    """

    value: Any
    pruned: tuple[str, ...]
    faults: tuple[str, ...]
    nulls: tuple[str, ...] = ()


def check(body: object, shape: Shape, at: str = "") -> Checked:
    """What is left of a value, and what the schema refuses in it."""
    run = _Run()
    value = run.any(body, shape, at)
    return Checked(value, tuple(run.pruned), tuple(run.faults), tuple(run.nulls))


@dataclass(frozen=True, slots=True)
class _Run:
    pruned: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    nulls: list[str] = field(default_factory=list)

    def any(self, value: object, shape: Shape, at: str) -> object:
        match shape:
            case Fields() if isinstance(value, Mapping):
                return self.fields(value, shape, at)
            case Table() if isinstance(value, Mapping):
                return self.table(value, shape, at)
            case Many() if isinstance(value, list | tuple):
                return self.many(value, shape, at)
            case Text() if isinstance(value, str):
                self.faults.extend(f"{at} {fault}" for fault in shape.faults(value))
            case WholeOrText() if isinstance(value, str):
                if not shape.form(value):
                    self.faults.append(f"{at} {value[:80]!r} is not {shape.noun}")
            case Whole() | WholeOrText() if _is_whole(value):
                self.whole(int(value), shape, at)  # type: ignore[call-overload]
                return int(value)  # type: ignore[call-overload]
            case Flag() if isinstance(value, bool):
                pass
            case _:
                self.faults.append(
                    f"{at} is {value_wording(value)} where {_WANTED[type(shape)]} belongs"
                )
        return value

    def table(self, body: Mapping[str, object], shape: Table, at: str) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in body.items():
            if value is None:
                self.nulls.append(at + pointer(key))
            else:
                found[key] = self.any(value, shape.value, at + pointer(key))
        return found

    def fields(self, body: Mapping[str, object], shape: Fields, at: str) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in body.items():
            inner = shape.fields.get(key)
            if inner is None:
                self.pruned.append(at + pointer(key))
            elif value is None:
                if key not in shape.defaults:
                    self.nulls.append(at + pointer(key))
            elif isinstance(inner, Text) and inner.takes(value):
                found[key] = value
            else:
                found[key] = self.any(value, inner, at + pointer(key))
        if not shape.needs <= found.keys():
            self.faults.extend(f"{at} has no {key}" for key in sorted(shape.needs - found.keys()))
        given = [key for key in shape.one_of if key in found]
        if shape.one_of and len(given) != 1:
            has = " and ".join(given) or f"none of {', '.join(shape.one_of)}"
            self.faults.append(f"{at} has {has}, exactly one belongs")
        if shape.any_of and not found.keys() & set(shape.any_of):
            self.faults.append(f"{at or 'the object'} has none of {', '.join(shape.any_of)}")
        return {**shape.defaults, **found} if shape.defaults else found

    def many(self, value: list[object] | tuple[object, ...], shape: Many, at: str) -> list[object]:
        if len(value) < shape.least:
            self.faults.append(f"{at} has {len(value)} items, at least {shape.least} belong there")
        if shape.most is not None and len(value) > shape.most:
            self.faults.append(f"{at} has {len(value)} items, at most {shape.most} are taken")
        item = shape.item
        if isinstance(item, Text) and all(map(item.takes, value)):
            found = list(value)
        else:
            found = [self.any(each, item, f"{at}/{place}") for place, each in enumerate(value)]
        if shape.distinct and all(isinstance(each, str) for each in found):
            counts = Counter(map(str, found))
            twice = sorted(each for each, count in counts.items() if count > 1)
            self.faults.extend(f"{at} holds {each!r} twice" for each in twice)
        return found

    def whole(self, value: int, shape: Whole | WholeOrText, at: str) -> None:
        lowest = shape.lowest if isinstance(shape, Whole) else None
        highest = shape.highest if isinstance(shape, Whole) else None
        if lowest is not None and value < lowest:
            self.faults.append(f"{at} {value} is less than {lowest}")
        if highest is not None and value > highest:
            self.faults.append(f"{at} {value} is more than {highest}")


_WANTED = {
    Text: "a string",
    Whole: "a whole number",
    WholeOrText: "a whole number or a string",
    Flag: "true or false",
    Many: "a list",
    Table: "an object",
    Fields: "an object",
}


def _is_whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)
