"""Findings as SARIF 2.1.0, for code scanning.

Braces in messages stay as they are: no message has arguments, and consumers replace only numbers in
braces, which no message of ours holds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from transire.model.problems import Problem
from transire.model.rule_page import RulePage
from transire.review.findings.rule_pages import Explained, as_page, markdown_body

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "transireFinding/v1"
"""A finding keeps its fingerprint when lines move: it is made of rule, path and message."""


def report(problems: Sequence[Problem], explained: Explained) -> str:
    """One run with every finding as a result (OASIS SARIF 2.1.0)."""
    rules = sorted({each.id for each in problems})
    driver = {
        "name": "transire",
        "version": version("transire"),
        "rules": [_rule(each, explained(each)) for each in rules],
    }
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.id), seen) for each in problems],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: str, page: RulePage | None) -> dict[str, Any]:
    if page is None:
        return {"id": rule}
    rule_object: dict[str, Any] = {
        "id": rule,
        "shortDescription": {"text": page.title},
        "help": {"text": as_page((page,))},
        "defaultConfiguration": {"level": str(page.level)},
    }
    if page.what:
        rule_object["fullDescription"] = {"text": f"{page.what[:1].upper()}{page.what[1:]}"}
        rule_object["help"]["markdown"] = markdown_body(page)
    return rule_object


def _result(problem: Problem, rule_index: int, seen: Counter[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.at.path)}}
    if problem.at.line:
        location["region"] = {"startLine": problem.at.line, "startColumn": problem.at.column or 1}
    digest = _digest(problem)
    seen[digest] += 1
    return {
        "ruleId": problem.id,
        "ruleIndex": rule_index,
        "level": str(problem.level),
        "message": {"text": f"{problem.message}; {problem.help}"},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {FINGERPRINT: f"{digest}:{seen[digest]}"},
    }


def _digest(problem: Problem) -> str:
    text = f"{problem.id}\0{problem.at.path}\0{problem.message}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _uri(path: str) -> str:
    """The path as a relative reference; a name that is not UTF-8 keeps its bytes."""
    return quote(path.encode("utf-8", "surrogateescape"))
