"""Findings as JSON; the shape is `findings.schema.json` beside this module."""

from __future__ import annotations

import json
from collections.abc import Sequence

from transire.model.problems import Problem

VERSION = 1
"""The version of the shape; it grows when a key changes its meaning or goes away."""


def report(problems: Sequence[Problem]) -> str:
    """`{"version": 1, "findings": [...]}`, one finding an object with all its parts."""
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
    return json.dumps({"version": VERSION, "findings": findings}, indent=2) + "\n"
