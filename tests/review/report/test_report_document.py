"""The report as JSON, and what it counts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import jsonschema
import pytest
from hypothesis import given, settings

from support.draw.strategies import organisations
from support.engines.lowering_parts import rule
from support.review.report_examples import AS_OF, example, lowered, report_on
from transire.meaning.endings import Ending, endings
from transire.model.ends import End
from transire.model.guardrail import Guardrails
from transire.model.intent import Mode, Organisation, Publication, Waiver
from transire.review.report.exposure import Exposure, exposure
from transire.review.report.facts import Reach, Report, every_reach
from transire.review.report.json_document import as_json, report_schema, report_tree

VALIDATOR = jsonschema.Draft7Validator(json.loads(report_schema()))


def test_the_example_keeps_the_schema() -> None:
    VALIDATOR.validate(json.loads(as_json(example())))


def test_the_schema_refuses_what_it_does_not_name() -> None:
    assert not VALIDATOR.is_valid({**report_tree(example()), "score": 7})


@pytest.mark.slow("many drawn examples")
@given(organisations())
@settings(max_examples=40)
def test_every_organisation_keeps_the_schema_and_loses_nothing(organisation: Organisation) -> None:
    report = report_on(organisation)
    tree = json.loads(as_json(report))

    VALIDATOR.validate(tree)
    assert [each.name for each in organisation.teams] == [each["name"] for each in tree["teams"]]
    for team, written in zip(organisation.teams, tree["teams"], strict=True):
        assert len(team.publications) == len(written["targets"])
        for each, found in zip(team.rules, written["rules"], strict=True):
            assert (each.name, each.reason) == (found["name"], found["reason"])
            assert len(each.destinations) == len(found["to"])
            assert [str(port) for port in each.ports] == found["ports"]


@pytest.mark.slow("many drawn examples")
@given(organisations())
@settings(max_examples=40)
def test_what_engines_say_is_all_told(organisation: Organisation) -> None:
    """Counted place by place, as often as engines said it."""
    report = report_on(organisation)
    told = Counter(
        place
        for team in report.teams
        for pairs in (team.remarks, *((*each.approximated, *each.remarks) for each in team.reaches))
        for _, places in pairs
        for place in places
    )
    left = Counter(
        place
        for team in report.teams
        for reach in team.reaches
        for each in reach.delegated
        for place in each.places
        for _ in each.hosts
    )
    for team in report.teams:
        for target in team.targets:
            made = lowered(target)
            assert told[target.name] == len(made.approximated) + len(made.remarks)
            assert left[target.name] == len(made.delegated)


def test_the_example_says_who_may_reach_what() -> None:
    (team,) = [each for each in report_tree(example())["teams"] if each["name"] == "payments"]
    (receipts,) = [each for each in team["rules"] if each["name"] == "receipts"]

    assert receipts == {
        "name": "receipts",
        "source": "values/teams/payments.yaml#receipts",
        "reason": "write receipts to object storage",
        "ticket": "SEC-1412",
        "expires": "2036-03-31",
        "from": {},
        "to": [{"host": "**.storage.example.net", "wildcard": "any-depth wildcard"}],
        "ports": ["443/TCP"],
        "places": [
            "payments-prod.prod-eu",
            "payments-prod.prod-onprem",
            "payments-staging.staging",
        ],
        "approximations": [],
        "delegations": [
            {
                "to": "proxy egress-proxy/app=squid:3128",
                "hosts": ["**.storage.example.net"],
                "places": ["payments-staging.staging"],
            }
        ],
        "caveats": [],
    }


def test_the_example_is_counted() -> None:
    assert report_tree(example())["totals"] == {
        "teams": 7,
        "targets": 14,
        "names": 17,
        "wildcards": 5,
        "ranges": 4,
        "delegated": 11,
        "audited": 1,
        "endingSoon": 0,
        "exceptions": 1,
    }


@pytest.mark.parametrize(
    ("to", "ports", "counted"),
    [
        (["api.example.com", "api.example.com"], ["443"], {"names": 1}),
        (["*.a.example.com", "**.b.example.com", "x-*.c.example.com"], ["443"],
         {"wildcards": 3, "any_depth": 1}),
        ([{"cidr": "198.51.100.0/25"}, {"cidr": "198.51.100.128/25"}], ["443"],
         {"ranges": 1, "addresses": 256}),
        ([{"cidr": "2001:db8::/32"}, {"cidr": "2001:db9::/48"}], ["443"],
         {"ranges": 2, "widest_ipv6": 32}),
        ([{"namespace": "ledger", "pods": {"app": "ledger"}}, {"entity": "nodes"}], ["8080"],
         {"inside": 2}),
        (["api.example.com"], ["443", "22", "444"], {"names": 1, "other_ports": ["22/TCP", "443-444/TCP"]}),
        (["api.example.com"], ["443/UDP"], {"names": 1, "other_ports": ["443/UDP"]}),
    ],
)  # fmt: skip
def test_each_kind_is_counted_apart(
    to: list[object], ports: list[str], counted: dict[str, object]
) -> None:
    made = rule({"name": "some", "reason": "why", "to": to, "ports": ports})
    found = exposure([Reach(rule=made, places=("a.b",), approximated=(), delegated=(), remarks=())])
    nothing: dict[str, object] = dict.fromkeys(Exposure.__slots__, 0) | {
        "widest_ipv6": None,
        "other_ports": [],
    }
    shown = {name: getattr(found, name) for name in Exposure.__slots__}
    shown["other_ports"] = [str(each) for each in found.other_ports]

    assert shown == nothing | counted


def dated(day: date | None, *, soon: int = 30) -> Report:
    """The example with one rule, one mode and one exception that end on that day."""
    known = example()
    organisation = known.organisation
    team = organisation.teams[0]
    end = None if day is None else End.on(day)
    publication = Publication(namespace=team.name, cluster="prod-us", mode=Mode.AUDIT, until=end)
    one = replace(team, publications=(publication,), rules=(replace(team.rules[0], expires=end),))
    waiver = Waiver(
        rule="private-cidr", team=team.name, entry="directory", approved_by="security@example.com",
        reason="why", until=end or End.on(date(2999, 1, 1)),
    )  # fmt: skip
    platform = replace(organisation.platform, guardrails=Guardrails(expires_soon_days=soon))
    return report_on(
        replace(organisation, platform=platform, teams=(one,), waivers=(waiver,), bundles=())
    )


def ends_of(report: Report) -> tuple[Ending, ...]:
    return endings(report.organisation, report.as_of)


@pytest.mark.parametrize(
    ("days", "soon"), [(0, True), (1, True), (30, True), (31, False), (4000, False)]
)
def test_what_ends_soon_is_what_the_guardrail_warns_of(days: int, soon: bool) -> None:
    found = ends_of(dated(AS_OF + timedelta(days=days)))

    assert sorted((str(each.what), each.days, each.soon, each.past) for each in found) == [
        ("exception", days, soon, False),
        ("mode", days, soon, False),
        ("rule", days, soon, False),
    ]


def test_an_exception_that_has_ended_is_said_to_have() -> None:
    tree = report_tree(dated(AS_OF - timedelta(days=1)))

    assert tree["exceptions"][0]["ended"]
    assert tree["totals"]["exceptions"] == 0
    assert tree["endings"][0]["days"] == -1
    assert not any(each["soon"] for each in tree["endings"])


def test_what_has_no_day_does_not_end() -> None:
    assert [str(each.what) for each in ends_of(dated(None))] == ["exception"]


def test_namespaces_that_the_platform_enrols_are_told_apart() -> None:
    known = example()
    platform = replace(known.organisation.platform, mode=Mode.AUDIT, enrol=("batch", "ledger"))
    report = report_on(replace(known.organisation, platform=platform))
    alone = {
        (each["namespace"], each["cluster"])
        for each in report_tree(report)["everyone"]["namespaces"]
    }

    assert ("batch", "edge") in alone
    assert ("ledger", "edge") in alone
    assert ("ledger", "staging") not in alone
    assert {("", name, cluster) for name, cluster in alone} == {
        (team, name, cluster.name) for team, name, cluster, _ in report.audited if not team
    }


def test_a_rule_without_a_target_holds_nowhere_and_counts_for_nothing() -> None:
    known = example()
    team = known.organisation.teams[0]
    idle = replace(team.rules[0], environments=frozenset({"nowhere"}))
    report = report_on(replace(known.organisation, teams=(replace(team, rules=(idle,)),)))
    (found,) = [reach for each, reach in every_reach(report) if each]
    (written,) = report_tree(report)["teams"]

    assert found.places == ()
    assert written["rules"][0]["places"] == []
    assert written["exposure"]["wildcards"] == written["exposure"]["names"] == 0
