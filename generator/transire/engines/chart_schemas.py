"""The schemas of the charts, assembled from the frame that engines share and from their fragments.

The charts hold them as files, since a chart stands on its own; a test keeps the files in step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from transire.engines.api.chart_schema import NAME, ChartSchema
from transire.engines.api.engine import Engine

CHARTS = ("egress-policy", "egress-baseline")
"""The charts whose values differ by engine."""

_WIDTH = 140


def chart_schema(chart: str, engines: Mapping[str, Engine]) -> dict[str, Any]:
    """The JSON Schema of a chart's values for some engines, `ENGINES` as a rule.

    Raises:
        ValueError: if two families define something under one name.
    """
    frame = json.loads((files("transire.engines.lowering") / NAME).read_text(encoding="utf-8"))
    part = frame["policy" if chart == CHARTS[0] else "baseline"]
    fragments = _fragments(engines)
    clauses = [each.policy if chart == CHARTS[0] else each.baseline for each in fragments]
    own = [each.definitions for each in fragments]
    if chart != CHARTS[0]:
        own += [each.baseline_definitions for each in fragments]
    schema: dict[str, Any] = part["schema"]
    schema["properties"]["engine"] = {"enum": list(engines)}
    if chart != CHARTS[0]:
        schema["properties"]["reserved"]["properties"]["engines"]["required"] = list(engines)
        frame["definitions"]["rule"]["properties"].update(frame["baselineRule"])
    return {
        **schema,
        "allOf": [clause for each in clauses for clause in each],
        "definitions": joined([part["definitions"], frame["definitions"], *own]),
    }


def _fragments(engines: Mapping[str, Engine]) -> list[ChartSchema]:
    """One fragment of each family, in the order of its first engine."""
    return list({each.package: each.chart_schema() for each in engines.values()}.values())


def joined(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The definitions of all parts.

    Raises:
        ValueError: if two of them define something under one name.
    """
    found: dict[str, Any] = {}
    for part in parts:
        twice = sorted(found.keys() & part.keys())
        if twice:
            raise ValueError(f"two fragments define {twice[0]!r}")
        found.update(part)
    return found


def schema_text(schema: Mapping[str, Any]) -> str:
    """The schema as JSON for people: what fits in a line of 140 characters stands in one."""
    return f"{_written(schema, 0, 0)}\n"


def _written(value: Any, indent: int, taken: int) -> str:  # noqa: ANN401 - any JSON value
    """`indent` is where the value's own lines begin, `taken` what its first line holds besides."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or indent + taken + len(line) <= _WIDTH:
        return line
    inner = " " * (indent + 2)
    if isinstance(value, list):
        items = [_written(each, indent + 2, 1) for each in value]
        return f"[\n{inner}" + f",\n{inner}".join(items) + f"\n{' ' * indent}]"
    named = [(json.dumps(key), each) for key, each in value.items()]
    items = [f"{key}: {_written(each, indent + 2, len(key) + 3)}" for key, each in named]
    return f"{{\n{inner}" + f",\n{inner}".join(items) + f"\n{' ' * indent}}}"
