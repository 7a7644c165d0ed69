"""Findings as JUnit XML: every file is a suite, every finding a case that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from transire.model.problems import Level, Problem, escaped_lines


def report(problems: Sequence[Problem]) -> str:
    """Errors are failures; warnings and notes pass and carry their text as output.

    A run without findings is one case that passed, since readers take an empty file for a run
    that never happened.
    """
    root = ET.Element("testsuites", {"name": "transire", **_counts(problems)})
    for path, group in groupby(problems, key=lambda each: each.at.path):
        _suite(root, path, list(group))
    if not problems:
        suite = ET.SubElement(root, "testsuite", {"name": "transire", **_counts(problems)})
        ET.SubElement(suite, "testcase", classname="transire", name="no findings", time="0")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(problems: Sequence[Problem]) -> dict[str, str]:
    failures = sum(each.level is Level.ERROR for each in problems)
    return {
        "tests": str(len(problems) or 1),
        "failures": str(failures),
        "errors": "0",
        "skipped": "0",
        "time": "0",
    }


def _suite(root: ET.Element, path: str, problems: Sequence[Problem]) -> None:
    shown = escaped_lines(path)
    suite = ET.SubElement(root, "testsuite", {"name": shown, **_counts(problems)})
    seen: Counter[str] = Counter()
    for each in problems:
        name = f"{each.at.line}:{each.at.column} {each.id}" if each.at.line else each.id
        seen[name] += 1
        if seen[name] > 1:  # readers keep one case of a name
            name = f"{name} ({seen[name]})"
        case = ET.SubElement(suite, "testcase", classname=shown, name=name, file=shown, time="0")
        if each.level is Level.ERROR:
            failure = ET.SubElement(
                case, "failure", message=escaped_lines(each.message), type=each.id
            )
            failure.text = escaped_lines(str(each))
        else:
            ET.SubElement(case, "system-out").text = escaped_lines(str(each))
