"""Tested expectations as text, JSON, JUnit and TAP."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from support.paths import ROOT
from transire.k8s.manifests import ObjectRef
from transire.model.problems import Position
from transire.queries.expectation import Expectation
from transire.queries.query import Caveat, Deciding, Decision, Expected, Verdict
from transire.queries.query_notation import destination_from, source_from
from transire.review.expectations import tested
from transire.review.expectations.formats import TEST_FORMATS
from transire.yamlio import plain, read

PATH = "tests/egress/shop.yaml"
SCHEMA = json.loads(
    (ROOT / "generator/transire/review/expectations/test.schema.json").read_text("utf-8")
)
POLICY = ObjectRef(kind="NetworkPolicy", namespace="shop", name="egress")


def one(
    line: int, expect: Expected, verdict: Verdict, *, reason: str = "", audit: Verdict | None = None
) -> tested.Tested:
    """An expectation of one line with a verdict."""
    origin, destination = "shop/app=web", "api.example.com:443"
    caveat = Caveat(id="audit-mode", text="in audit", once_enforced=audit)
    return tested.Tested(
        expectation=Expectation(
            origin=origin,
            destination=destination,
            source=source_from(origin),
            what=destination_from(destination),
            expect=expect,
            reason=reason,
            at=Position(path=PATH, line=line, column=5),
        ),
        target="shop.eu",
        cluster="eu",
        decision=Decision(
            verdict=verdict,
            reason="no rule allows it",
            decided_by=Deciding(object=POLICY, rule="/spec/egress/0"),
            caveats=(caveat,) if audit else (),
        ),
    )


MET = one(5, Expected.ALLOW, Verdict.ALLOW)
FAILED = one(6, Expected.ALLOW, Verdict.DENY, reason="cards #1 \\ tills")
UNJUDGED = one(7, Expected.DENY, Verdict.UNJUDGEABLE)
AUDITED = one(8, Expected.DENY, Verdict.ALLOW, audit=Verdict.DENY)
ALL = (MET, FAILED, UNJUDGED, AUDITED)


def test_text_has_what_is_not_met_and_counts() -> None:
    assert TEST_FORMATS["text"](ALL) == (
        f"{PATH}:6:5: error: shop/app=web to api.example.com:443 on eu is denied, and has to be "
        "allowed (cards #1 \\ tills): no rule allows it, by NetworkPolicy shop/egress at "
        "/spec/egress/0 (expectation)\n"
        "  help: open it in the values, or write expect: deny if that is what is wanted\n"
        f"{PATH}:7:5: error: shop/app=web to api.example.com:443 on eu cannot be judged, and has to "
        "be denied: no rule allows it, by NetworkPolicy shop/egress at /spec/egress/0 "
        "(expectation-unjudged)\n"
        "  help: write an address in place of a name, or name clusters where it can be judged\n"
        "in audit, so that nothing is blocked there yet: shop.eu\n"
        "4 expectations on targets: 2 met, 1 failed, 1 unjudged\n"
    )
    assert TEST_FORMATS["text"]((MET,)) == "1 expectation on targets: 1 met\n"
    assert TEST_FORMATS["text"](()) == (
        "no expectations: `transire test --new TEAM` writes some for a team\n"
    )


def test_tap_has_a_point_for_each_and_says_why_one_is_not_ok() -> None:
    assert TEST_FORMATS["tap"]((MET, FAILED)) == (
        "TAP version 14\n"
        "1..2\n"
        "ok 1 - shop/app=web to api.example.com:443 on eu is allow\n"
        "not ok 2 - shop/app=web to api.example.com:443 on eu is allow\n"
        "  ---\n"
        f'  at: "{PATH}:6:5"\n'
        '  expect: "allow"\n'
        '  outcome: "deny"\n'
        '  standing: "failed"\n'
        '  stands_for: "cards #1 \\\\ tills"\n'
        '  reason: "no rule allows it"\n'
        "  ...\n"
    )
    assert TEST_FORMATS["tap"](()) == "TAP version 14\n1..0 # SKIP no expectations\n"


def test_the_diagnostics_of_tap_are_yaml() -> None:
    lines = TEST_FORMATS["tap"]((FAILED,)).splitlines()
    block = "\n".join(lines[lines.index("  ---") + 1 : -1])

    facts = plain(read(block.encode(), "tap").root)
    assert isinstance(facts, dict)
    assert facts["stands_for"] == "cards #1 \\ tills"


def test_junit_counts_failures_and_errors_and_skips_nothing_silently() -> None:
    root = ET.fromstring(TEST_FORMATS["junit"](ALL))  # noqa: S314 - our own text
    counts = {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")}

    assert counts == {"tests": "4", "failures": "1", "errors": "1", "skipped": "0"}
    names = [each.get("name") for each in root.iter("testcase")]
    assert len(set(names)) == len(names) == 4
    assert [each.tag for case in root.iter("testcase") for each in case] == ["failure", "error"]
    none = ET.fromstring(TEST_FORMATS["junit"](()))  # noqa: S314 - our own text
    assert [each.tag for each in none.iter()][-1] == "skipped"
    assert (none.get("tests"), none.get("skipped")) == ("1", "1")


@pytest.mark.parametrize("some", [ALL, ()])
def test_json_keeps_to_its_schema(some: tuple[tested.Tested, ...]) -> None:
    document = json.loads(TEST_FORMATS["json"](some))

    jsonschema.Draft7Validator(SCHEMA).validate(document)
    assert [each["standing"] for each in document["results"]] == [
        str(each.standing) for each in some
    ]


def test_a_failure_counts_before_what_cannot_be_judged() -> None:
    assert [tested.test_exit_code(some) for some in [(), (MET, AUDITED), (MET, UNJUDGED), ALL]] == [
        0,
        0,
        3,
        1,
    ]
