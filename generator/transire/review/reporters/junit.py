"""Findings as JUnit XML: every file is a suite, every finding a case that failed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from transire.model.problems import Level, Problem


def report(problems: Sequence[Problem]) -> str:
    """Errors are failures; warnings and notes pass and carry their text as output.

    A run without findings is one case that passed, since readers take an empty file for a run
    that never happened.
    """
    root = ET.Element("testsuites", name="transire")
    for path, group in groupby(problems, key=lambda each: each.at.path):
        _suite(root, path, list(group))
    if not problems:
        suite = ET.SubElement(root, "testsuite", name="transire", tests="1", failures="0")
        ET.SubElement(suite, "testcase", classname="transire", name="no findings")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, path: str, problems: Sequence[Problem]) -> None:
    failures = sum(each.level is Level.ERROR for each in problems)
    suite = ET.SubElement(
        root, "testsuite", name=path, tests=str(len(problems)), failures=str(failures)
    )
    for each in problems:
        name = f"{each.at.line}:{each.at.column} {each.id}"
        case = ET.SubElement(suite, "testcase", classname=path, name=name)
        if each.level is Level.ERROR:
            ET.SubElement(case, "failure", message=each.message, type=each.id).text = str(each)
        else:
            ET.SubElement(case, "system-out").text = str(each)
