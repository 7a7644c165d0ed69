"""What probes printed, judged, as people, pipelines and programs read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from transire.model.problems import escaped_lines
from transire.review.probes.output import HEAD, Outcome, Output, Result

_WORDS = {
    Outcome.HOLDS: "hold",
    Outcome.FAILS: "fail",
    Outcome.UNKNOWN: "cannot be judged",
    Outcome.UNTRIED: "not tried",
}


def tap(outputs: Sequence[Output]) -> str:
    """All of it as one TAP stream."""
    lines = [HEAD, f"1..{sum(len(each.results) + each.missing for each in outputs)}"]
    number = 0
    for output in outputs:
        lines.append(f"# {escaped_lines(output.name)}")
        for each in output.results:
            number += 1
            lines.append(_tap(number, each))
        lines += [
            f"not ok {number + extra} - line {len(output.results) + extra} was not printed"
            for extra in range(1, output.missing + 1)
        ]
        number += output.missing
    return "\n".join(lines) + "\n"


def _tap(number: int, each: Result) -> str:
    head = "not ok" if each.outcome is Outcome.FAILS else "ok"
    skip = f" # SKIP {each.outcome}: {each.why}" if each.why else ""
    return f"{head} {number} - {escaped_lines(each.text)}{escaped_lines(skip)}"


def junit(outputs: Sequence[Output]) -> str:
    """All of it as JUnit XML: an output is a suite, what cannot be judged an error."""
    root = ET.Element("testsuites", name="transire probe")
    for output in outputs:
        suite = ET.SubElement(
            root, "testsuite", {"name": escaped_lines(output.name), **_counts(output)}
        )
        for each in output.results:
            _case(suite, output.name, each)
        if output.missing:
            case = ET.SubElement(suite, "testcase", classname=output.name, name="whole output")
            ET.SubElement(case, "error", message=f"{output.missing} lines were not printed")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(output: Output) -> dict[str, str]:
    found = [each.outcome for each in output.results]
    cut = int(output.missing > 0)
    return {
        "tests": str(len(found) + cut),
        "failures": str(found.count(Outcome.FAILS)),
        "errors": str(found.count(Outcome.UNKNOWN) + cut),
        "skipped": str(found.count(Outcome.UNTRIED)),
    }


def _case(suite: ET.Element, name: str, each: Result) -> None:
    shown = escaped_lines(each.text)
    case = ET.SubElement(suite, "testcase", classname=escaped_lines(name), name=shown)
    kind = {
        Outcome.FAILS: "failure",
        Outcome.UNKNOWN: "error",
        Outcome.UNTRIED: "skipped",
    }.get(each.outcome)
    if kind is not None:
        ET.SubElement(case, kind, message=escaped_lines(each.why or each.text))


def text(outputs: Sequence[Output]) -> str:
    """All of it for people: what does not hold first, and how much holds."""
    lines: list[str] = []
    for output in outputs:
        found = Counter(each.outcome for each in output.results)
        counts = ", ".join(f"{found[kind]} {words}" for kind, words in _WORDS.items())
        lines.append(f"{escaped_lines(output.name)}: {counts}")
        if output.missing:
            lines.append(f"  {output.missing} lines were not printed: the probe was cut short")
        for kind in (Outcome.FAILS, Outcome.UNKNOWN, Outcome.UNTRIED):
            lines += [f"  {_shown(each)}" for each in output.results if each.outcome is kind]
    return "\n".join(lines) + "\n"


def _shown(each: Result) -> str:
    why = f": {each.why}" if each.why else ""
    return escaped_lines(f"{each.outcome}: {each.text}{why}")


PROBE_FORMATS = {"text": text, "tap": tap, "junit": junit}
"""How outputs are printed, by the name that `--format` takes."""
