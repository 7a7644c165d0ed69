"""Single changes to what templates read: default values, schemas, descriptions of charts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from support.mutants.changes import Change
from support.mutants.places import line_at

_CLOSING = frozenset(
    {
        "additionalProperties", "allOf", "anyOf", "const", "dependencies", "else", "enum", "if",
        "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength",
        "minProperties", "minimum", "not", "oneOf", "pattern", "propertyNames", "required", "then",
        "type", "uniqueItems", "$ref",
    }
)  # fmt: skip


def changes_of_lines(text: str) -> Iterator[Change]:
    """Every line of a YAML file dropped, and every value in one line changed."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        yield place + 1, "deleted", "\n".join([*lines[:place], *lines[place + 1 :]])
        key, colon, value = line.partition(": ")
        for other in _others(value) if colon else ():
            changed = "\n".join([*lines[:place], f"{key}: {other}", *lines[place + 1 :]])
            yield place + 1, f"{value} to {other}", changed


def _others(value: str) -> Iterator[str]:
    match yaml.safe_load(value):
        case bool() as written:
            yield str(not written).lower()
        case int() as written:
            yield str(written + 1)
        case str() as written:
            yield json.dumps(f"{written}x")
        case []:
            yield "[x]"
        case _:
            yield "null"


def changes_of_schema(text: str) -> Iterator[Change]:
    """Every keyword of a schema that closes something dropped, and every item of its lists."""
    schema = json.loads(text)
    for pointer, node in _schemas(schema, ()):
        for key in sorted(node.keys() & _CLOSING):
            way = (*pointer, key)
            yield _changed(text, schema, way, "dropped", None)
            if isinstance(node[key], list) and len(node[key]) > 1:
                for number in range(len(node[key])):
                    yield _changed(text, schema, (*way, number), "dropped", None)
            for what, other in _wider(node[key]):
                yield _changed(text, schema, way, what, other)


def _wider(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, int) and not isinstance(value, bool):
        yield f"{value} to {value + 1}", value + 1
        yield f"{value} to {value - 1}", value - 1
    elif isinstance(value, str) and value.startswith("^"):
        yield "pattern without its start", value[1:]
        yield "pattern without its end", value[:-1]


def _schemas(node: Any, pointer: tuple[str | int, ...]) -> Iterator[tuple[Any, dict[str, Any]]]:  # noqa: ANN401
    """Every schema inside of a schema, with the way to it."""
    if not isinstance(node, dict):
        return
    yield pointer, node
    for key in ("definitions", "properties", "patternProperties"):
        for name, each in node.get(key, {}).items():
            yield from _schemas(each, (*pointer, key, name))
    for key in ("allOf", "anyOf", "oneOf"):
        for number, each in enumerate(node.get(key, ())):
            yield from _schemas(each, (*pointer, key, number))
    for key in ("additionalProperties", "else", "if", "items", "not", "propertyNames", "then"):
        yield from _schemas(node.get(key), (*pointer, key))


def _changed(
    text: str,
    schema: Any,  # noqa: ANN401 - whatever JSON holds
    way: tuple[str | int, ...],
    what: str,
    other: Any,  # noqa: ANN401
) -> Change:
    tree = json.loads(json.dumps(schema))
    node = tree
    for step in way[:-1]:
        node = node[step]
    if other is None:
        del node[way[-1]]
    else:
        node[way[-1]] = other
    pointer = "/".join(map(str, ("", *way)))
    return _line_of(text, way), f"{pointer} {what}", json.dumps(tree)


def _line_of(text: str, way: tuple[str | int, ...]) -> int:
    """The line where the last named key of a way is first written after the ones before it."""
    place = 0
    for step in way:
        if isinstance(step, str):
            found = text.find(f'"{step}"', place)
            place = found if found >= 0 else place
    return line_at(text, place)
