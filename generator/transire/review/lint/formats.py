"""Findings for other programs, and for the reports that every finding shares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from transire.model.problems import Problem
from transire.review.lint.finding import LintFinding

SCHEMA = "transire.lint/2"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""


def as_json(findings: Sequence[LintFinding]) -> str:
    """The findings in an object that names its shape; that is `lint.schema.json` beside this.

    `fix` is there only where a correction is safe, as a JSON patch.
    """
    document = {"schema": SCHEMA, "findings": [_finding(each) for each in findings]}
    return json.dumps(document, indent=2) + "\n"


def _finding(found: LintFinding) -> dict[str, object]:
    document: dict[str, object] = {
        "rule": found.rule,
        "level": str(found.level),
        "file": found.source,
        "line": found.line,
        "column": found.column,
        "object": {
            "kind": found.object.kind,
            "namespace": found.object.namespace,
            "name": found.object.name,
        },
        "path": found.path,
        "message": found.message,
        "help": found.help,
    }
    return {**document, "fix": list(found.fix.patch)} if found.fix else document


def as_problems(findings: Iterable[LintFinding]) -> tuple[Problem, ...]:
    """The findings as problems of their files, for the reporters of text, GitHub and others."""
    return tuple(each.problem for each in findings)
