"""Recorded cases: what we write for them, in the real Squid and in our reading of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import needs
from support.lab import SQUID as PROGRAM
from support.lab import Lab, laboratory
from support.points.recorded_requests import Case, PlainCase, plain_cases
from support.points.replayed import Replayed, reached, replayed
from support.shared_data import shared
from transire.points.api.reading import PointReading
from transire.points.proof import prove
from transire.points.squid.point import SQUID

FILE = shared("conformance/proxies.json")
LISTS = [] if FILE is None else list(replayed(FILE, SQUID.releases.newest))
PLAIN = {} if FILE is None else {each.name: each for each in plain_cases(FILE)}
PORTS = (22, 80, 443, 1023, 1024, 5432, 6001, 6003, 7999, 8000, 8005, 8010, 8011, 8080, 8443, 9443)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with laboratory(PROGRAM, ports=[*PORTS, 6000, 65535]) as made:
        yield made


@pytest.mark.skipif(FILE is None, reason=needs.VERDICTS)
def test_recorded_lists_are_found() -> None:
    assert len(LISTS) > 5
    assert sum(len(each.cases) for each in LISTS) > 250


@pytest.mark.parametrize("recorded", LISTS, ids=[each.name for each in LISTS])
def test_what_is_written_for_a_list_is_what_is_meant(recorded: Replayed) -> None:
    proof = prove(SQUID, recorded.target)

    assert proof.holds
    assert recorded.name != "methods-paths" or any("%2F" in each for each in proof.written.caveats)


@pytest.mark.parametrize("recorded", LISTS, ids=[each.name for each in LISTS])
def test_the_real_squid_does_what_is_meant_and_read(lab: Lab, recorded: Replayed) -> None:
    written = SQUID.write(recorded.target)
    reading = SQUID.read(written.files, recorded.target.release)
    lab.resolve(recorded.addresses, back="api.one.test")
    ports = [each.pods.port for each in recorded.target.listeners]

    with lab.running(PROGRAM, written.files, ready=ports):
        answers = lab.send([recorded.sent(case) for case in recorded.cases])
    found = {
        case["id"]: reached(case, answer)
        for case, answer in zip(recorded.cases, answers, strict=True)
    }

    assert [answer.problem for answer in answers if answer.problem] == []
    assert {
        case["id"]: found[case["id"]] for case in recorded.cases if not _right(case, found)
    } == {}
    for case in recorded.cases:
        if case["id"] in PLAIN and case["meaning"] != "any" and not case.get("may_refuse"):
            _compare(reading, PLAIN[case["id"]], real=found[case["id"]])


def _compare(reading: PointReading, plain: PlainCase, *, real: bool) -> None:
    """What we read of a configuration, in both ways, is what the program does."""
    name = plain.listener.pods.name
    if plain.request is None:
        assert not real
        return
    allowed = reading.decide(name, plain.request).allowed

    assert allowed == (plain.request in reading.requests(name))
    assert (allowed or reading.guard(name).audit) == real


def _right(case: Case, found: dict[str, bool]) -> bool:
    meaning = "allow" if found[case["id"]] else "deny"
    refused = meaning == "deny" and case.get("may_refuse", False)
    return refused or case["meaning"] in {"any", meaning}
