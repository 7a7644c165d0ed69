"""Values that the charts take and values that they refuse, as changes to values that they take."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from support.paths import CHARTS

GONE = object()
"""In place of a value: the key is left out."""

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Values of one chart, and whether its schema takes them."""

    chart: str
    name: str
    values: Tree
    taken: bool


Field = tuple[list[Any], list[Any]]
"""What a field may hold, and what it may not."""


def examples(chart: str, tables: Mapping[str, Mapping[str, Field]]) -> Iterator[Example]:
    """Every example of one chart: its values as they are, and with one field changed."""
    for name, fields in tables.items():
        base = base_values(chart, name)
        yield Example(chart=chart, name=name, values=base, taken=True)
        for field, (good, bad) in fields.items():
            for taken, values in ((True, good), (False, bad)):
                for value in values:
                    shown = "left out" if value is GONE else repr(value)
                    yield Example(
                        chart=chart,
                        name=f"{name}: {field} = {shown}",
                        values=_changed(base, field, value),
                        taken=taken,
                    )


def base_values(chart: str, name: str) -> Tree:
    """The chart's own values under those of one of its test files; `values` names no file."""
    own = yaml.safe_load((CHARTS / chart / "values.yaml").read_text("utf-8"))
    if name == "values":
        return dict(own)
    path = CHARTS / chart / "tests" / "values" / f"{name}.yaml"
    return merged(own, yaml.safe_load(path.read_text("utf-8")))


def merged(below: Tree, above: Tree) -> Tree:
    """The values above over those below, maps merged, as Helm merges them."""
    both = {
        key: merged(below[key], above[key])
        for key in below.keys() & above.keys()
        if isinstance(below[key], dict) and isinstance(above[key], dict)
    }
    return {**below, **above, **both}


def _changed(base: Tree, field: str, value: Any) -> Tree:  # noqa: ANN401 - anything may be wrong
    tree = copy.deepcopy(base)
    node: Any = tree
    *steps, last = field.split(".")
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    key: Any = int(last) if isinstance(node, list) else last
    if value is GONE:
        del node[key]
    else:
        node[key] = value
    return tree
