"""Whether a verdict is what is expected."""

from __future__ import annotations

import pytest

from transire.queries.expectation import Outcome, Standing, is_failed, outcome_of, standing_of
from transire.queries.query import (
    Caveat,
    Connection,
    Decision,
    DnsQuery,
    Expected,
    Query,
    Source,
    Verdict,
)

CONNECTION = Connection(port=443, protocol="TCP", host="api.example.com")
LOOKUP = DnsQuery(host="api.example.com")
DELEGATED = Caveat(id="delegated-host", text="a proxy decides", delegated=True)
OTHER = Caveat(id="shared-address", text="others are there")


def audit(later: Verdict) -> Caveat:
    return Caveat(id="audit-mode", text="later", once_enforced=later)


@pytest.mark.parametrize(
    ("what", "verdict", "caveats", "outcome"),
    [
        (CONNECTION, Verdict.ALLOW, (), Outcome.ALLOW),
        (CONNECTION, Verdict.DENY, (OTHER,), Outcome.DENY),
        (CONNECTION, Verdict.ALLOW, (audit(Verdict.DENY),), Outcome.DENY),
        (CONNECTION, Verdict.ALLOW, (audit(Verdict.ALLOW),), Outcome.ALLOW),
        (CONNECTION, Verdict.ALLOW, (audit(Verdict.UNJUDGEABLE),), Outcome.UNJUDGEABLE),
        (CONNECTION, Verdict.DENY, (DELEGATED,), Outcome.DELEGATED),
        (CONNECTION, Verdict.ALLOW, (audit(Verdict.DENY), DELEGATED), Outcome.DELEGATED),
        (CONNECTION, Verdict.UNJUDGEABLE, (DELEGATED,), Outcome.UNJUDGEABLE),
        (LOOKUP, Verdict.ALLOW, (DELEGATED,), Outcome.ALLOW),
    ],
)
def test_an_outcome_is_what_is_enforced_or_who_decides(
    what: Connection | DnsQuery, verdict: Verdict, caveats: tuple[Caveat, ...], outcome: Outcome
) -> None:
    query = Query(id="1", source=Source(namespace="shop"), what=what)

    assert outcome_of(query, Decision(verdict=verdict, reason="why", caveats=caveats)) is outcome


@pytest.mark.parametrize("expect", Expected)
@pytest.mark.parametrize("outcome", Outcome)
def test_only_the_same_word_is_met_and_what_is_not_judged_is_neither(
    expect: Expected, outcome: Outcome
) -> None:
    found = standing_of(expect, outcome)

    assert (found is Standing.MET) is (expect.value == outcome.value)
    assert (found is Standing.UNJUDGED) is (outcome is Outcome.UNJUDGEABLE)


def test_where_nothing_is_expected_nothing_fails() -> None:
    query = Query(id="1", source=Source(namespace="shop"), what=CONNECTION)

    assert not is_failed(query, Decision(verdict=Verdict.DENY, reason="why"))
