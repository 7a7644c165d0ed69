"""Findings as GitHub workflow commands, which show up beside the changed lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from transire.model.problems import Level, Problem, escaped_lines

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def report(problems: Sequence[Problem]) -> str:
    """One `::error file=...` line a finding, those first that people must not miss."""
    return "".join(f"{_line(each)}\n" for each in _telling(problems))


def _telling(problems: Sequence[Problem]) -> list[Problem]:
    """Causes first, errors before the rest, and of each rule one finding before the second of any.

    GitHub shows ten annotations of each level for a step, and drops the others without a word.
    """
    seen: Counter[str] = Counter()
    ranked = []
    for each in problems:
        ranked.append((each.follows, each.level is not Level.ERROR, seen[each.id], each))
        seen[each.id] += 1
    return [each for *_, each in sorted(ranked, key=lambda rank: rank[:3])]


def _line(problem: Problem) -> str:
    properties = {"file": problem.at.path}
    if problem.at.line:
        properties |= {"line": str(problem.at.line), "col": str(problem.at.column)}
    properties["title"] = problem.id
    shown = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[problem.level]} {shown}::{_data(f'{problem.message}; {problem.help}')}"


def _data(text: str) -> str:
    return escaped_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
