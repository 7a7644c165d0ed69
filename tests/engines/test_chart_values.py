"""Names of objects, and the one thing that is never written: a rule without a destination."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.draw.strategies_parts import names
from transire.engines.lowering.chart_values import ChartRule, Item, Naming
from transire.model.intent import Host, Rule
from transire.model.names import HostPattern, is_dns_label
from transire.model.net import PortRange
from transire.model.pod_selector import PodSelector

TEAM = Naming(prefix="egress-", set_prefix="allow-")
BASELINE = Naming(
    prefix="outbound.baseline-", set_prefix="baseline-", suffix="-audit", ordered=True
)


def test_a_rule_without_a_destination_is_never_written() -> None:
    draft = ChartRule(
        naming=TEAM, stem="allow-x", layer="allow", source="a#x", selector=PodSelector(), to=[]
    )

    with pytest.raises(ValueError, match=re.escape("rule 'egress-allow-x' has no destination")):
        draft.written()


def test_only_calico_has_an_order() -> None:
    to: list[Item] = [{"pods": {}}]
    plain, ordered = (
        ChartRule(
            naming=naming,
            stem="dns",
            layer="dns",
            source="a#x",
            selector=PodSelector(labels=(("k", "v"),)),
            to=to,
        )
        for naming in (TEAM, BASELINE)
    )

    assert plain.written() == {
        "name": "egress-dns",
        "layer": "dns",
        "source": "a#x",
        "from": {"k": "v"},
        "to": to,
    }
    assert ordered.written() == {
        "name": "outbound.baseline-dns-audit",
        "layer": "dns",
        "source": "a#x",
        "from": {"k": "v"},
        "order": 100,
        "to": to,
    }


def named_rule(name: str, *ports: str, apart: bool = False) -> Rule:
    return Rule(
        name=name,
        reason="",
        destinations=(Host(pattern=HostPattern("api.example.com")),),
        ports=tuple(map(PortRange.parse, ports or ["443"])),
        source=name,
        apart=apart,
    )


def test_parts_of_a_rule_have_sets_of_their_own() -> None:
    rule = named_rule("broker")
    parts = [named_rule("broker", port, apart=True) for port in ("443", "9093")]

    assert {TEAM.set(each) for each in (rule, *parts)} == {
        "allow-broker",
        "allow-broker-184572104a",
        "allow-broker-3ba5851e64",
    }


@given(one=names(), other=names(), naming=st.sampled_from([TEAM, BASELINE]))
def test_two_rules_have_two_names_that_objects_and_labels_may_have(
    one: str, other: str, naming: Naming
) -> None:
    both = (one, other)
    for first, second in (
        [naming.object(f"allow-{rule}") for rule in both],
        [naming.set(named_rule(rule)) for rule in both],
        [naming.set(named_rule(rule, apart=True)) for rule in both],
    ):
        assert (one == other) == (first == second)
        assert is_dns_label(first.removeprefix("outbound."))
        assert first.endswith(naming.suffix)
        assert len(first) <= 63


@given(rule=names(), part=st.integers(0, 99).map("{:b}".format))
def test_no_name_ends_as_the_parts_of_a_list_do(rule: str, part: str) -> None:
    naming = Naming(prefix="outbound.baseline-", set_prefix="baseline-", ordered=True)

    assert re.search(r"--p[01]+\Z", naming.object(f"allow-{rule[:40]}--p{part}")) is None
    assert re.search(r"--p[01]+\Z", naming.object(f"allow-{rule}")) is None


@given(rule=names(), other=names())
def test_no_name_is_that_of_another_rule_for_one_namespace_in_audit(rule: str, other: str) -> None:
    naming = Naming(prefix="outbound.baseline-", set_prefix="baseline-", ordered=True)

    assert naming.object(f"allow-{rule}-audit--{other}"[:50]) != (
        f"outbound.baseline-allow-{rule}-audit--{other}"
    )
