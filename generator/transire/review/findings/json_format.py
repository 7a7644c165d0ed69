"""Findings as JSON; the shape is `findings.schema.json` beside this module."""

from __future__ import annotations

import json
from collections.abc import Sequence

from transire.model.problems import Problem

VERSION = 1
"""The version of the shape; it grows when a key changes its meaning or goes away."""
SCHEMA = f"transire.findings/{VERSION}"
"""The same with the name of the shape, as every JSON of this program has it."""


def report(problems: Sequence[Problem]) -> str:
    """`{"schema": ..., "findings": [...]}`, one finding an object with all its parts."""
    findings = [
        {
            "path": each.at.path,
            "line": each.at.line,
            "column": each.at.column,
            "level": str(each.level),
            "rule": each.id,
            "message": each.message,
            "help": each.help,
        }
        for each in problems
    ]
    document = {"schema": SCHEMA, "version": VERSION, "findings": findings}
    return json.dumps(document, indent=2) + "\n"
