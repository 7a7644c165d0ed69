"""What values files mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_network
from pathlib import Path

import pytest

from support.measured.steps import assert_linear
from support.paths import ROOT
from transire.model.ends import End
from transire.model.intent import (
    AddressRange,
    Approximation,
    Host,
    Mode,
    Organisation,
    Pods,
    Publication,
    Rule,
)
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.model.pod_selector import PodSelector
from transire.model.problems import Level, Position
from transire.values.load import load, load_files
from transire.values.value_files import find

BASE = find(Path(__file__).parent / "base").files
TEAM = "values/teams/payments.yaml"
HEAD = """\
apiVersion: transire/v1
kind: TeamEgress
team: payments
contact: payments@example.com
"""
EXAMPLE = ROOT


def _loaded(egress: str, namespaces: str = "{payments: [prod-eu]}", **files: str) -> Organisation:
    text = f"{HEAD}namespaces: {namespaces}\negress:\n{egress}"
    more = {f"values/{name}.yaml": content.encode() for name, content in files.items()}
    return load_files({**BASE, TEAM: text.encode(), **more})


def _rule(body: str) -> Rule:
    organisation = _loaded(f"  - name: a\n    {body}\n")
    return organisation.teams[0].rules[0]


def _platform(old: str, new: str) -> bytes:
    text = BASE["values/platform.yaml"].decode()
    assert old in text
    return text.replace(old, new).encode()


def _hosts(*names: str) -> tuple[Host, ...]:
    return tuple(Host(pattern=HostPattern.parse(name)) for name in names)


def test_the_example_of_this_repository_loads() -> None:
    organisation = load(EXAMPLE)

    assert "payments" in [each.name for each in organisation.teams]


def test_a_rule_says_what_its_file_says() -> None:
    expected = Rule(
        name="a",
        reason="charge cards",
        destinations=(
            *_hosts("**.example.org", "api.example.com"),
            AddressRange(cidr=ip_network("198.51.100.0/24")),
            Pods(namespace="ledger", labels=(("app", "ledger"),)),
        ),
        ports=(PortRange.parse("443"), PortRange.parse("8000-8010"), PortRange.parse("53/UDP")),
        source="values/teams/payments.yaml#a",
        sources=(PodSelector(labels=(("app", "checkout"), ("tier", "web"))),),
        ticket="SEC-1",
        expires=End.on(date(2027, 3, 31)),
        environments=frozenset({"prod"}),
        clusters=frozenset({"prod-eu", "staging"}),
        namespaces=frozenset({"payments"}),
        approximate=frozenset({Approximation.NARROW}),
    )

    written = """\
reason: charge cards
    from: {tier: web, app: checkout}
    to:
      - {namespace: ledger, pods: {app: ledger}}
      - API.example.com.
      - {cidr: 198.51.100.128/25}
      - "**.example.org"
      - {cidr: 198.51.100.0/25}
      - api.example.com
    ports: [8005-8010, 443, 53/UDP, "8000-8005/TCP", 443/TCP]
    ticket: SEC-1
    expires: 2027-03-31
    environments: [prod]
    clusters: [staging, prod-eu]
    namespaces: [payments, payments]
    approximate: narrow"""
    assert expected == _rule(written)


def test_every_position_is_the_place_in_the_file() -> None:
    organisation = _loaded(
        "  - name: a\n    to:\n      - api.example.com\n      - {cidr: 198.51.100.0/24}\n"
    )

    team = organisation.teams[0]
    rule = team.rules[0]
    assert Position(path=TEAM, line=1, column=1) == team.at
    assert Position(path=TEAM, line=5, column=14) == team.publications[0].at
    assert Position(path=TEAM, line=7, column=5) == rule.at
    assert [(each.at.line, each.at.column) for each in rule.destinations] == [(9, 9), (10, 9)]
    assert (
        organisation.platform.clusters[0].at.line,
        organisation.platform.clusters[0].at.column,
    ) == (6, 3)


def test_merged_ranges_stand_where_their_first_part_stands() -> None:
    rule = _rule("to: [{cidr: 198.51.100.128/25}, {cidr: 203.0.113.0/24}, {cidr: 198.51.100.0/25}]")

    assert [str(each.cidr) for each in rule.ranges] == ["198.51.100.0/24", "203.0.113.0/24"]
    assert [each.at.column for each in rule.ranges] == [10, 37]


def test_what_a_rule_leaves_out_has_its_default() -> None:
    organisation = _loaded("  - {name: a, to: [a.example.com]}\n")

    expected = Rule(
        name="a",
        reason="",
        destinations=_hosts("a.example.com"),
        ports=organisation.platform.ports,
        source="values/teams/payments.yaml#a",
    )
    assert organisation.teams[0].rules == (expected,)
    assert organisation.platform.ports == (PortRange.parse("443"),)


def test_hosts_of_a_bundle_join_those_of_the_rule_and_count_once() -> None:
    rule = _rule("to: [github.com, a.example.com]\n    bundles: [github]")

    bundled = Host(pattern=HostPattern.parse("*.github.com"), bundle="github")
    assert (bundled, *_hosts("a.example.com", "github.com")) == rule.destinations
    assert rule.bundles == ("github",)


def test_a_bundle_alone_is_enough() -> None:
    assert {"github"} == {host.bundle for host in _rule("bundles: [github]").hosts}


@pytest.mark.parametrize(
    ("namespaces", "expected"),
    [
        (
            "{a: [staging, prod-eu, staging]}",
            [("prod-eu", "audit", None), ("staging", "audit", None)],
        ),
        ("{a: {clusters: [prod-eu]}}", [("prod-eu", "audit", None)]),
        ("{a: {clusters: [prod-eu], mode: enforce}}", [("prod-eu", "enforce", None)]),
        ("{a: {clusters: [prod-eu], until: 2030-01-01}}", [("prod-eu", "audit", "2030-01-01")]),
        (
            "{a: {clusters: [prod-eu], mode: {mode: audit, until: 2030-01-01}}}",
            [("prod-eu", "audit", "2030-01-01")],
        ),
        (
            "{a: {clusters: {prod-eu: {mode: audit, until: 2030-01-01}, staging: {}}}}",
            [("prod-eu", "audit", "2030-01-01"), ("staging", "audit", None)],
        ),
        (
            (
                "{a: {until: 2031-01-01,"
                " clusters: {prod-eu: {until: 2030-01-01T09:00:00+02:00}, staging: {}}}}"
            ),
            [("prod-eu", "audit", "2030-01-01T07:00:00Z"), ("staging", "audit", "2031-01-01")],
        ),
        (
            (
                "{a: {clusters: {prod-eu: {mode: enforce}, staging: {mode: audit}}, "
                "mode: audit, until: 2031-01-01T00:00:00Z}}"
            ),
            [("prod-eu", "enforce", None), ("staging", "audit", "2031-01-01T00:00:00Z")],
        ),
        (
            (
                "{a: {clusters: {prod-eu: {mode: {mode: audit, until: 2030-01-01}}, staging: {}}, "
                "mode: enforce}}"
            ),
            [("prod-eu", "audit", "2030-01-01"), ("staging", "enforce", None)],
        ),
        (
            '{a: {clusters: [prod-eu], mode: audit, until: "2030-01-01"}}',
            [("prod-eu", "audit", "2030-01-01")],
        ),
    ],
)
def test_the_mode_of_a_namespace_and_of_its_clusters_in_every_spelling(
    namespaces: str, expected: list[tuple[str, str, str | None]]
) -> None:
    files = {"platform": _platform("mode: enforce", "mode: audit").decode()}

    team = _loaded("  - {name: a, to: [a.example.com]}\n", namespaces, **files).teams[0]

    assert expected == [
        (each.cluster, each.mode, None if each.until is None else str(each.until))
        for each in team.publications
    ]


def test_the_end_of_the_default_audit_is_that_of_every_audit_without_its_own() -> None:
    platform = _platform("mode: enforce", "mode: {mode: audit, until: 2031-01-01}").decode()

    organisation = _loaded(
        "  - {name: a, to: [a.example.com]}\n",
        "{a: [prod-eu], b: {clusters: [prod-eu], mode: audit}}",
        platform=platform,
    )

    end = End.on(date(2031, 1, 1))
    assert (Mode.AUDIT, end) == (organisation.platform.mode, organisation.platform.until)
    expected = (
        Publication(namespace="a", cluster="prod-eu", mode=Mode.AUDIT, until=end),
        Publication(namespace="b", cluster="prod-eu", mode=Mode.AUDIT, until=end),
    )
    assert expected == organisation.teams[0].publications


def test_levels_of_guardrails_need_no_quotes() -> None:
    settings = "guardrails: {redundant-host: off, no-world-cidr: warning, private-cidr: 'off'}\n"
    platform = BASE["values/platform.yaml"].decode() + settings

    organisation = _loaded("  - {name: a, to: [a.example.com]}\n", platform=platform)

    expected = {"redundant-host": None, "no-world-cidr": Level.WARNING, "private-cidr": None}
    assert expected == organisation.platform.guardrails.levels


def test_rules_for_everyone_say_where_they_come_from() -> None:
    everyone = (
        "everyone:\n  - {name: time, reason: clock, to: [time.example.com], ports: [123/UDP]}\n"
    )
    platform = BASE["values/platform.yaml"].decode() + everyone

    rule = _loaded("  []\n", platform=platform).platform.everyone[0]

    assert rule.source == "values/platform.yaml#everyone.time"


def test_an_address_is_a_host_until_a_guardrail_says_otherwise() -> None:
    assert _hosts("10.20.30.40") == _rule("to: [10.20.30.40]").destinations


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Release.Name }}",
        "{{- fail 1 -}}",
        "$(id)",
        "y",
        "0755",
        "1e3",
        "😀",
        "bücher",
        "a: b #",
    ],
)
def test_text_comes_out_as_it_was_written(text: str) -> None:
    rule = _rule(f"to: [a.example.com]\n    reason: '{text}'\n    ticket: \"{text}\"")

    assert (text, text) == (rule.reason, rule.ticket)


@pytest.mark.parametrize("value", ["y", "no", "0755", "1e3", "true", "1.20", "12.30", "", "null"])
def test_a_quoted_label_value_is_kept_exactly(value: str) -> None:
    rule = _rule(f'to: [a.example.com]\n    from: {{"on": "{value}", \'0755\': "{value}"}}')

    assert (("0755", value), ("on", value)) == rule.sources[0].labels


def test_a_team_that_may_reach_nothing_is_a_team() -> None:
    assert _loaded("  []\n").teams[0].rules == ()


def test_the_longest_host_and_label_are_legal() -> None:
    label = "a" * 63
    longest = ".".join([label, label, label, "a" * 61])

    assert _hosts(longest) == _rule(f"to: [{longest}]\n    from: {{app: {label}}}").destinations


def test_long_names_that_begin_alike_stay_apart() -> None:
    start = "a" * 62
    body = f"  - {{name: {start}a, to: [a.example.com]}}\n  - {{name: {start}b, to: [a.example.com]}}\n"

    rules = _loaded(body).teams[0].rules

    assert [f"{start}a", f"{start}b"] == [each.name for each in rules]


def test_many_hosts_ranges_and_ports_take_steps_in_proportion_to_their_number() -> None:
    def load(size: int) -> None:
        hosts = ", ".join(f"h{number}.example.com" for number in range(4 * size))
        ranges = ", ".join(f"{{cidr: 198.51.{number}.0/25}}" for number in range(size))
        ports = ", ".join(str(number) for number in range(1, 16 * size, 2))
        rule = _rule(f"to: [{hosts}, {ranges}]\n    ports: [{ports}]")

        assert (len(rule.destinations), len(rule.ports)) == (5 * size, 8 * size)

    assert_linear(load, 100)


def test_two_loads_are_equal_and_a_changed_host_is_not() -> None:
    first, second = (_loaded("  - {name: a, to: [a.example.com]}\n") for _ in range(2))
    other = _loaded("  - {name: a, to: [b.example.com]}\n")

    assert first == second
    assert first != other
    assert first == replace(other, teams=first.teams)


def test_teams_are_sorted_by_name_and_not_by_path() -> None:
    files = dict(BASE)
    for name in ("a", "a-b", "a0"):
        text = f"{HEAD.replace('payments', name)}namespaces: {{{name}: [prod-eu]}}\negress: []\n"
        files[f"values/teams/{name}.yaml"] = text.encode()

    assert [each.name for each in load_files(files).teams] == ["a", "a-b", "a0"]
