"""Tested expectations as JUnit XML: every file is a suite, every expectation on a target a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from transire.model.problems import escaped_lines
from transire.queries.expectation import Standing
from transire.review.expectations.tested import Tested, counts, problems_of

_PARTS = {Standing.FAILED: "failure", Standing.UNJUDGED: "error"}


def report(tested: Sequence[Tested]) -> str:
    """What is not met is a failure, what could not be judged an error.

    A run without expectations is one case that is skipped, since readers take an empty file for a
    run that never happened.
    """
    root = ET.Element("testsuites", {"name": "transire", **_counts(tested)})
    for path, group in groupby(tested, key=lambda each: each.expectation.at.path):
        _suite(root, path, list(group))
    if not tested:
        root.attrib |= {"tests": "1", "skipped": "1"}
        suite = ET.SubElement(root, "testsuite", root.attrib)
        case = ET.SubElement(suite, "testcase", classname="transire", name="none", time="0")
        ET.SubElement(case, "skipped", message="no expectations")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(tested: Sequence[Tested]) -> dict[str, str]:
    found = counts(tested)
    return {
        "tests": str(len(tested)),
        "failures": str(found[Standing.FAILED]),
        "errors": str(found[Standing.UNJUDGED]),
        "skipped": "0",
        "time": "0",
    }


def _suite(root: ET.Element, path: str, tested: Sequence[Tested]) -> None:
    shown = escaped_lines(path)
    suite = ET.SubElement(root, "testsuite", {"name": shown, **_counts(tested)})
    seen: Counter[str] = Counter()
    for each in tested:
        name = escaped_lines(f"{each.flow} is {each.expectation.expect}")
        seen[name] += 1
        if seen[name] > 1:  # readers keep one case of a name
            name = f"{name} ({seen[name]})"
        case = ET.SubElement(suite, "testcase", classname=shown, name=name, file=shown, time="0")
        for problem in problems_of([each]):
            what = ET.SubElement(
                case, _PARTS[each.standing], message=escaped_lines(problem.message), type=problem.id
            )
            what.text = escaped_lines(str(problem))
