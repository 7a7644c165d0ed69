"""An engine's part of the charts' schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

NAME = "chart.schema.json"
"""What the file is called in every engine's folder."""

Schema = Mapping[str, Any]
"""A JSON Schema of draft 7, or a part of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSchema:
    """What one family of engines adds to the schemas of `egress-policy` and `egress-baseline`.

    `definitions` go into both, `baseline_definitions` into the second alone. The clauses hold
    where `engine` is one of the family's.
    """

    definitions: Schema
    policy: Sequence[Schema]
    baseline: Sequence[Schema]
    baseline_definitions: Schema

    @classmethod
    def of_package(cls, package: str) -> ChartSchema:
        """The fragment that lies beside the modules of an engine.

        Raises:
            ValueError: if it has other parts than these.
        """
        read: dict[str, Any] = json.loads((files(package) / NAME).read_text(encoding="utf-8"))
        try:
            fragment = cls(
                definitions=read.pop("definitions"),
                policy=tuple(read["policy"].pop("clauses")),
                baseline=tuple(read["baseline"].pop("clauses")),
                baseline_definitions=read["baseline"].pop("definitions"),
            )
        except KeyError as error:
            raise ValueError(f"{NAME} of {package} is no fragment: it lacks {error}") from error
        if read != {"policy": {}, "baseline": {}}:
            raise ValueError(f"{NAME} of {package} is no fragment: it has more parts than one")
        return fragment
