"""The schema of a chart's values: the second net, which holds where nobody generates anything.

Helm checks every values file against it, also one that was written by hand or changed on the way.
So a chart that is proved has one, and it refuses what it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from transire.model.problems import Position, Problem, escaped

SCHEMA = "values.schema.json"
DRAFT = "http://json-schema.org/draft-07/schema#"
"""The one draft whose meaning both majors of Helm and this program share."""

_RESTORE = "restore it from Git, or run `transire init --upgrade`"
_NAMED = frozenset({"definitions", "patternProperties", "properties"})
_LISTED = frozenset({"allOf", "anyOf", "items", "oneOf"})
_ONE = frozenset({"additionalProperties", "contains", "else", "if", "items", "not", "then"})
_LONGEST = 120


def schema_problems(folder: str, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Why the chart's schema would refuse nothing, or could not be read."""
    path = f"{folder}/{SCHEMA}"
    content = files.get(SCHEMA)
    if content is None:
        message = "the chart has no schema for its values, so Helm would take any"
        yield _problem(Position(path=path), message)
        return
    try:
        text = content.decode()
        schema = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        at = Position(path=path, line=error.lineno, column=error.colno)
        yield _problem(at, f"the schema of the chart's values is not JSON: {error.msg.lower()}")
    except (ValueError, RecursionError) as error:
        yield _problem(
            Position(path=path), f"the schema of the chart's values is not JSON: {error}"
        )
    else:
        yield from _wrong(schema, Position(path=path))


def _wrong(schema: Any, at: Position) -> Iterator[Problem]:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(schema, dict) or not _is_closed(schema):
        message = "the schema of the chart's values takes keys that no target has"
        advice = (
            'it needs "type": "object", "required", "properties" and "additionalProperties": '
            f"false; {_RESTORE}"
        )
        yield _problem(at, message, advice)
        return
    if schema.get("$schema") != DRAFT:
        message = f"the schema names the draft {schema.get('$schema')!r}, not {DRAFT!r}"
        yield _problem(at, message, f'write "$schema": "{DRAFT}"')
        return
    why = _no_schema(schema)
    if why:
        yield _problem(at, f"Helm cannot use the schema of the chart's values: {why}")
    for pointer in _open(schema, ""):
        yield _problem(at, f"the schema of the chart's values takes anything at {pointer}")


def _is_closed(schema: Mapping[str, Any]) -> bool:
    return (
        schema.get("type") == "object"
        and schema.get("additionalProperties") is False
        and bool(schema.get("properties"))
        and bool(schema.get("required"))
    )


def _no_schema(schema: Mapping[str, Any]) -> str:
    """Why this is no schema by the draft, in one line; empty where it is one."""
    import jsonschema_rs  # noqa: PLC0415 - slow to load, and many commands read no chart

    try:
        jsonschema_rs.Draft7Validator(
            dict(schema), retriever=_elsewhere, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError as error:
        words = escaped(str(error).partition("\n")[0])
        return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}..."
    return ""


def _open(schema: Any, pointer: str) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    """Where a schema inside is one that refuses nothing."""
    if schema is True or schema == {}:
        yield pointer
    if not isinstance(schema, dict):
        return
    for key, inner in schema.items():
        if key in _NAMED and isinstance(inner, dict):
            for name, each in inner.items():
                yield from _open(each, f"{pointer}/{key}/{name}")
        elif key in _LISTED and isinstance(inner, list):
            for number, each in enumerate(inner):
                yield from _open(each, f"{pointer}/{key}/{number}")
        elif key in _ONE:
            yield from _open(inner, f"{pointer}/{key}")


def _elsewhere(address: str) -> NoReturn:
    raise ValueError(f"{address} is not in the schema itself")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _problem(at: Position, message: str, advice: str = _RESTORE) -> Problem:
    return Problem(at=at, id="chart-schema", message=message, help=advice)
