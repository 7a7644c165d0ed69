"""The fields of Cilium's policies, for hints: from the schema that the objects are judged with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.engines.cilium.facts import FIRST_MINOR, LAST_MINOR
from transire.engines.cilium.objects.schema import policy_shape
from transire.k8s.schema_check import Fields, Many, Shape
from transire.k8s.typed_decoding import METADATA, field_names

_TOP = ("apiVersion", "kind", "metadata")
_MINORS = range(FIRST_MINOR, LAST_MINOR + 1)
_DENIED_BY_NAME = ("egressDeny", "toFQDNs")


def fields_of(way: Sequence[str], minor: int) -> tuple[str, ...]:
    """The fields where keys lead from the top of a policy in release 1.`minor`."""
    if tuple(way[:1]) == ("metadata",):
        return field_names(METADATA, way[1:])
    shape: Shape | None = policy_shape(minor)
    for key in way:
        below = _in_lists(shape)
        shape = below.fields.get(key) if isinstance(below, Fields) else None
    found = _in_lists(shape)
    names = tuple(_usable(found)) if isinstance(found, Fields) else ()
    return names if way else (*_TOP, *names)


def _usable(shape: Fields) -> Iterator[str]:
    """The fields that may hold something: some are there only to be refused with a reason."""
    for name, each in shape.fields.items():
        if not (isinstance(each, Many) and each.most == 0):
            yield name


def _in_lists(shape: Shape | None) -> Shape | None:
    while isinstance(shape, Many):
        shape = shape.item
    return shape


def where_else(way: Sequence[str], minor: int) -> str:
    """The releases that have the field there, or the section that has it."""
    holding = [each for each in _MINORS if way[-1:] and way[-1] in fields_of(way[:-1], each)]
    newer = [each for each in holding if each > minor]
    if newer:
        return f"Cilium 1.{newer[0]} and newer"
    if holding:
        return f"Cilium 1.{holding[-1]} and older"
    if tuple(way[-2:]) == _DENIED_BY_NAME:
        return "egress alone: Cilium cannot deny by name"
    return ""
