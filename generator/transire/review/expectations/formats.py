"""Tested expectations as text, JSON, JUnit and TAP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from transire.model.problems import escaped
from transire.queries.expectation import Standing
from transire.queries.query import Caveat
from transire.review.expectations import junit
from transire.review.expectations.tested import Tested, counts, problems_of

SCHEMA = "transire.test/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""


def as_text(tested: Sequence[Tested]) -> str:
    """What is not met as findings, which targets are in audit, and a last line of counts."""
    lines = [str(each) for each in problems_of(tested)]
    audited = sorted({each.target for each in tested if _once_enforced(each)})
    if audited:
        lines.append(f"in audit, so that nothing is blocked there yet: {', '.join(audited)}")
    return "\n".join([*lines, _summary(tested)]) + "\n"


def _once_enforced(tested: Tested) -> bool:
    return any(each.once_enforced is not None for each in tested.decision.caveats)


def _summary(tested: Sequence[Tested]) -> str:
    if not tested:
        return "no expectations: `transire test --new TEAM` writes some for a team"
    found = counts(tested)
    parts = [f"{found[each]} {each}" for each in Standing if found[each] or each is Standing.MET]
    one = "" if len(tested) == 1 else "s"
    return f"{len(tested)} expectation{one} on targets: {', '.join(parts)}"


def as_json(tested: Sequence[Tested]) -> str:
    """One document; the shape is `test.schema.json` beside this module."""
    document = {
        "schema": SCHEMA,
        "summary": {str(name): count for name, count in counts(tested).items()},
        "results": [_result(each) for each in tested],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _result(tested: Tested) -> dict[str, object]:
    about, decision = tested.expectation, tested.decision
    decided = decision.decided_by
    return {
        "at": {"path": about.at.path, "line": about.at.line, "column": about.at.column},
        "from": about.origin,
        "to": about.destination,
        "target": tested.target,
        "cluster": tested.cluster,
        "expect": str(about.expect),
        "outcome": str(tested.outcome),
        "standing": str(tested.standing),
        "stands_for": about.reason or None,
        "reason": decision.reason,
        "decided_by": decided
        and {
            "kind": decided.object.kind,
            "namespace": decided.object.namespace,
            "name": decided.object.name,
            "rule": decided.rule,
        },
        "caveats": [_caveat(each) for each in decision.caveats],
    }


def _caveat(caveat: Caveat) -> dict[str, str]:
    return {"id": caveat.id, "text": caveat.text}


def as_tap(tested: Sequence[Tested]) -> str:
    """TAP version 14: a test point for each, with a diagnostic block where it is not met.

    Source: the specification at https://testanything.org/tap-version-14-specification.html.
    """
    lines = ["TAP version 14", f"1..{len(tested)}{'' if tested else ' # SKIP no expectations'}"]
    for number, each in enumerate(tested, 1):
        met = each.standing is Standing.MET
        lines.append(f"{'ok' if met else 'not ok'} {number} - {_point(each)}")
        if not met:
            lines += _diagnostics(each)
    return "\n".join(lines) + "\n"


def _point(tested: Tested) -> str:
    """The description of a test point, where `#` would begin a directive."""
    text = f"{tested.flow} is {tested.expectation.expect}"
    return escaped(text).replace("\\", "\\\\").replace("#", "\\#")


def _diagnostics(tested: Tested) -> list[str]:
    about = tested.expectation
    facts = {
        "at": str(about.at),
        "expect": str(about.expect),
        "outcome": str(tested.outcome),
        "standing": str(tested.standing),
        "stands_for": about.reason,
        "reason": tested.decision.reason,
    }
    # a string of JSON in ASCII is a scalar of YAML, whatever is in it
    shown = [f"  {key}: {json.dumps(value)}" for key, value in facts.items() if value]
    return ["  ---", *shown, "  ..."]


TEST_FORMATS: Mapping[str, Callable[[Sequence[Tested]], str]] = MappingProxyType(
    {"text": as_text, "json": as_json, "junit": junit.report, "tap": as_tap}
)
"""How tested expectations are shown, by the name that `--format` takes."""
