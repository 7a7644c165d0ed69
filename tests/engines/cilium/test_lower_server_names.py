"""Rules that turn server names off, and clusters that let them."""

from __future__ import annotations

import pytest

from support.engines.lowering_parts import cluster, lowered, refusals, target
from support.engines.lowering_refusals import in_rule, refused

HOST = ["gateway.example.com"]
REMEDY = (
    "remove serverNames, or have the platform team decide whether hardening of the cluster is "
    "sni-optional"
)
WHY = (
    "it turns server names off, and hardening sni checks those of every rule "
    "(server-names-required)"
)


@pytest.mark.parametrize("mode", ["enforce", "audit"])
def test_a_cluster_that_checks_every_rule_lets_none_turn_it_off(mode: str) -> None:
    found = refused("cilium", "1.19", HOST, hardening=["sni"], serverNames=False, mode=mode)

    assert found == [in_rule("cilium@1.19", 10, WHY, REMEDY)]


@pytest.mark.parametrize("hardening", [[], ["sni-optional"], ["sni", "sni-optional"]])
def test_elsewhere_a_rule_may(hardening: list[str]) -> None:
    assert refused("cilium", "1.19", HOST, hardening=hardening, serverNames=False) == []


@pytest.mark.parametrize(("engine", "version"), [("calico-enterprise", "3.23"), ("kubernetes", "")])
def test_an_engine_that_sees_no_server_names_takes_it_as_it_is(engine: str, version: str) -> None:
    there = [{"namespace": "ledger"}]

    assert refused(engine, version, there, serverNames=False) == []


@pytest.mark.parametrize("version", ["1.14", "1.16", "1.17"])
@pytest.mark.parametrize("host", ["*.a.example", "s3-*.a.example"])
def test_hosts_that_are_no_server_names_yet_are_taken_without(version: str, host: str) -> None:
    rules = [{"name": "one", "to": [host, "api.example"]}]
    found = lowered(target(cluster("cilium", version, hardening=["sni-optional"]), rules))
    [rule] = [each for each in found.values["rules"] if each["layer"] == "allow"]

    assert [item["ports"][0].get("serverNames") for item in rule["to"]] == [["api.example"], None]
    assert [each.id for each in found.remarks] == ["server-name-not-written"]


def test_ports_without_443_have_no_server_names_to_turn_off() -> None:
    rules = [{"name": "one", "to": HOST, "ports": [8443], "serverNames": False}]
    found = lowered(target(cluster("cilium", "1.19", hardening=["sni-optional"]), rules))

    assert [each.id for each in found.remarks] == ["no-server-name"]


def both(first: dict[str, object], second: dict[str, object]) -> list[str]:
    rules = [
        {"name": "one", "to": HOST, "serverNames": False, **first},
        {"name": "two", "to": HOST, **second},
    ]
    return refusals(target(cluster("cilium", "1.19", hardening=["sni-optional"]), rules))


def test_a_host_is_not_written_with_server_names_and_without_for_one_pod() -> None:
    why = (
        "gateway.example.com would be written with server names in rule 'two' and without in rule "
        "'one', and cilium then checks them in both (server-names-both-ways)"
    )
    remedy = "write serverNames alike in both rules, or write them for pods that differ by a label"

    assert both({}, {}) == [in_rule("cilium@1.19", 10, why, remedy)]
    assert both({"from": {"app": "web"}}, {"from": {"tier": "a"}}) == [
        in_rule("cilium@1.19", 10, why, remedy)
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"serverNames": False}),
        ({}, {"ports": [8443]}),
        ({"from": {"app": "web"}}, {"from": {"app": "api"}}),
        ({"from": [{"serviceAccount": "a"}]}, {"from": [{"serviceAccount": "b"}]}),
        (
            {"from": {"app": "web"}},
            {"from": [{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}]},
        ),
    ],
)
def test_alike_or_for_other_pods_it_is(first: dict[str, object], second: dict[str, object]) -> None:
    assert both(first, second) == []


def test_depths_that_stand_for_a_wildcard_are_not_written_both_ways_in_one_rule() -> None:
    rules = [{"name": "one", "to": ["*.a.example", "**.a.example"], "approximate": ["narrow"]}]
    why = (
        "*.a.example would be written with server names for one of its hosts and without for "
        "another, and cilium then checks them in both (server-names-both-ways)"
    )
    remedy = "write serverNames alike in both rules, or write them for pods that differ by a label"

    assert refusals(target(cluster("cilium", "1.18", hardening=["sni-optional"]), rules)) == [
        in_rule("cilium@1.18", 10, why, remedy)
    ]
