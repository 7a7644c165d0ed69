"""Findings as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from transire.model.problems import Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report(problems: Sequence[Problem]) -> str:
    """One run with every finding as a result (OASIS SARIF 2.1.0)."""
    rules = sorted({each.id for each in problems})
    run = {
        "tool": {"driver": {"name": "transire", "rules": [{"id": each} for each in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.id)) for each in problems],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _result(problem: Problem, rule_index: int) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.at.path)}}
    if problem.at.line:
        location["region"] = {"startLine": problem.at.line, "startColumn": problem.at.column or 1}
    return {
        "ruleId": problem.id,
        "ruleIndex": rule_index,
        "level": str(problem.level),
        "message": {"text": f"{problem.message}; {problem.help}"},
        "locations": [{"physicalLocation": location}],
    }
