"""How levels, exceptions and days turn findings into problems."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest

from support.values.one_rule import DAY, at, ids, organisation, rule
from transire.model.ends import End
from transire.model.guardrail import Guardrails
from transire.model.intent import (
    AddressRange,
    Dns,
    DnsProfile,
    Host,
    Mode,
    Organisation,
    Publication,
    Resolver,
)
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.model.problems import Level, Position
from transire.model.waiver import Approved, Subject, Waiver, Where
from transire.values.guardrails.registry import review

EVERYTHING = ip_network("0.0.0.0/0")


def waiver(
    until: date,
    *,
    entry: str = "world",
    rule_id: str = "no-world-cidr",
    approved: Subject | None = EVERYTHING,
) -> Waiver:
    return Waiver(
        rule=rule_id,
        team="shop",
        entry=entry,
        approved_by="security@example.com",
        reason="moving",
        until=End.on(until),
        approved=() if approved is None else (Approved(subject=approved),),
        places=() if approved is None else (Where(namespace="shop", cluster="eu"),),
        at=Position(path="values/exceptions.yaml", line=3, column=5),
    )


WORLD = [("private-cidr", "error"), ("no-world-cidr", "error"), ("resolver-bypass", "error")]


def test_a_range_of_everything_breaks_three_guardrails() -> None:
    assert sorted(WORLD) == sorted(ids(organisation(rule())))


@pytest.mark.parametrize("until", [DAY, date(2030, 6, 16)])
def test_an_exception_holds_until_its_day_and_on_it(until: date) -> None:
    found = ids(organisation(rule(), waivers=(waiver(until),)))

    assert "no-world-cidr" not in dict(found)
    assert "private-cidr" in dict(found)


def test_an_exception_past_its_day_no_longer_applies_and_is_reported() -> None:
    problems = review(organisation(rule(), waivers=(waiver(date(2030, 6, 14)),)), DAY)

    assert "no-world-cidr" in {each.id for each in problems}
    assert [str(each) for each in problems if each.id == "expired-exception"] == [
        (
            "values/exceptions.yaml:3:5: warning: the exception from no-world-cidr for shop/world "
            "ended on 2030-06-14 (expired-exception)\n"
            "  help: remove it, or have security agree on a new date"
        )
    ]


@pytest.mark.parametrize(
    ("levels", "changes"),
    [
        ({}, {"entry": "shop"}),
        ({}, {"rule_id": "in-cluster-name"}),
        ({"no-world-cidr": None}, {}),
    ],
)
def test_an_exception_that_no_finding_needs_is_reported(
    levels: dict[str, Level | None], changes: dict[str, Any]
) -> None:
    whole = organisation(rule(), waivers=(waiver(DAY, **changes),))
    platform = replace(whole.platform, guardrails=Guardrails(levels=levels))
    given = {"rule_id": "no-world-cidr", "entry": "world", **changes}

    problems = review(replace(whole, platform=platform), DAY)

    assert [str(each) for each in problems if each.id == "unneeded-exception"] == [
        (
            "values/exceptions.yaml:3:5: warning: nothing needs the exception from "
            f"{given['rule_id']} for shop/{given['entry']} any more (unneeded-exception)\n"
            "  help: remove it, so that it does not let the next mistake pass"
        )
    ]


def test_an_exception_that_is_needed_is_not_reported() -> None:
    assert "unneeded-exception" not in dict(ids(organisation(rule(), waivers=(waiver(DAY),))))


@pytest.mark.parametrize(
    "other",
    [
        waiver(DAY, entry="worlds"),
        waiver(DAY, rule_id="private-cidr"),
        replace(waiver(DAY), team="shop2"),
    ],
)
def test_an_exception_is_for_one_guardrail_team_and_entry_only(other: Waiver) -> None:
    assert "no-world-cidr" in dict(ids(organisation(rule(), waivers=(other,))))


def test_the_platform_sets_levels_and_turns_guardrails_off() -> None:
    levels = {"no-world-cidr": Level.WARNING, "private-cidr": None, "resolver-bypass": None}
    whole = organisation(rule())
    platform = replace(whole.platform, guardrails=Guardrails(levels=levels))

    assert ids(replace(whole, platform=platform)) == [("no-world-cidr", "warning")]


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        (date(2030, 6, 14), ["expired-entry"]),
        (DAY, ["expires-soon"]),
        (date(2030, 7, 15), ["expires-soon"]),
        (date(2030, 7, 16), []),
        (None, []),
    ],
)
def test_an_entry_holds_on_its_last_day(expires: date | None, expected: list[str]) -> None:
    entry = rule(
        destinations=(AddressRange(cidr=ip_network("198.51.100.0/28")),),
        expires=None if expires is None else End.on(expires),
    )

    assert [name for name, _ in ids(organisation(entry))] == expected


def test_a_mode_that_ended_stops_its_team() -> None:
    whole = organisation(rule(destinations=(AddressRange(cidr=ip_network("198.51.100.0/28")),)))
    publication = Publication(
        namespace="shop", cluster="eu", mode=Mode.AUDIT, until=End.on(date(2030, 6, 1), at(5))
    )
    team = replace(whole.teams[0], publications=(publication,))

    assert [str(each) for each in review(replace(whole, teams=(team,)), DAY)] == [
        (
            "values/teams/shop.yaml:5:5: error: mode audit of namespace 'shop' on eu ended on "
            "2030-06-01 (expired-entry)\n"
            "  help: set the mode that holds from now on, or agree on a new date for until"
        )
    ]


def ending(until: date, **changes: object) -> Organisation:
    """An organisation in audit until that day, with two enrolled namespaces."""
    narrow = rule(destinations=(AddressRange(cidr=ip_network("198.51.100.0/28")),))
    whole = organisation(narrow, **changes)
    here = Position(path="values/platform.yaml", line=6, column=9)
    platform = replace(
        whole.platform, mode=Mode.AUDIT, until=End.on(until, here), enrol=("batch", "shop")
    )
    return replace(whole, platform=platform)


def test_a_default_mode_that_ended_stops_the_platform_where_no_team_says_otherwise() -> None:
    assert [str(each) for each in review(ending(date(2030, 6, 14)), DAY)] == [
        (
            "values/platform.yaml:6:9: error: mode audit of the enrolled namespace 'batch' ended "
            "on 2030-06-14 (expired-entry)\n"
            "  help: set the mode that holds from now on, or agree on a new date for until"
        )
    ]


def test_a_default_mode_that_ends_soon_is_said_where_no_team_says_otherwise() -> None:
    assert [str(each) for each in review(ending(DAY), DAY)] == [
        (
            "values/platform.yaml:6:9: warning: mode audit of the enrolled namespace 'batch' ends "
            "on 2030-06-15 (expires-soon)\n"
            "  help: look at what audit still reports, then enforce before that day"
        )
    ]


def test_a_namespace_that_a_team_has_on_one_cluster_only_follows_the_default_elsewhere() -> None:
    whole = ending(date(2030, 6, 14))
    other = replace(whole.platform.clusters[0], name="us")
    platform = replace(whole.platform, clusters=(*whole.platform.clusters, other))

    found = review(replace(whole, platform=platform), DAY)

    assert [each.message.split("'")[1] for each in found] == ["batch", "shop"]


@pytest.mark.parametrize(
    "dns",
    [
        Dns(profile=DnsProfile.NODELOCAL, addresses=(ip_network("0.0.0.0/0"),), at=at(11)),
        Dns(
            profile=DnsProfile.CUSTOM,
            resolver=Resolver(addresses=(ip_network("0.0.0.0/0"),)),
            at=at(11),
        ),
    ],
)
def test_a_resolver_is_not_the_world(dns: Dns) -> None:
    whole = organisation(rule(destinations=(AddressRange(cidr=ip_network("198.51.100.0/28")),)))
    cluster = replace(whole.platform.clusters[0], dns=dns)
    platform = replace(whole.platform, clusters=(cluster,))

    assert [str(each) for each in review(replace(whole, platform=platform), DAY)] == [
        (
            "values/teams/shop.yaml:11:5: error: 0.0.0.0/0 as the resolver of cluster 'eu' is not "
            "allowed (no-world-cidr)\n"
            "  help: write the addresses that pods ask, and nothing around them"
        )
    ]


@pytest.mark.parametrize(
    "cidr", ["0.0.0.0/1", "128.0.0.0/1", "32.0.0.0/3", "2000::/3", "64:ff9b::/96", "2002:8000::/17"]
)
def test_halves_of_the_internet_are_no_way_around(cidr: str) -> None:
    entry = rule(destinations=(AddressRange(cidr=ip_network(cidr)),))

    assert "no-world-cidr" in dict(ids(organisation(entry)))


@pytest.mark.parametrize(
    ("destination", "port", "message"),
    [
        (
            "metadata.google.internal",
            "443",
            "metadata.google.internal resolves to a cloud metadata address (no-metadata-address)\n  help: give the workload an identity of its own instead of the node's",
        ),
        (
            "8.8.8.0/24",
            "443",
            "8.8.8.0/24 covers the public resolver 8.8.8.8 (resolver-bypass)\n  help: resolve through the cluster's own DNS, or ask for an entry in values/exceptions.yaml with for: [{cidr: 8.8.8.0/24}] and namespaces: {shop: [eu]}",
        ),
        (
            "api.example.com",
            "853",
            "port 853/TCP of 'world' lets DNS out on port 853 (resolver-bypass)\n  help: resolve through the cluster's own DNS, or ask for an entry in values/exceptions.yaml with for: [{host: api.example.com, port: 853/TCP}] and namespaces: {shop: [eu]}",
        ),
        (
            "api.example.com",
            "50-60",
            "port 50-60/TCP of 'world' lets DNS out on port 53 (resolver-bypass)\n  help: resolve through the cluster's own DNS, or ask for an entry in values/exceptions.yaml with for: [{host: api.example.com, port: 50-60/TCP}] and namespaces: {shop: [eu]}",
        ),
        (
            "*.co.uk",
            "443",
            'the wildcard *.co.uk lets in names that anybody can register below co.uk (no-public-suffix-wildcard)\n  help: name the hosts, put the wildcard below a domain that one owner holds, or ask for an exception in values/exceptions.yaml with for: [{host: "*.co.uk"}] and namespaces: {shop: [eu]}',
        ),
        (
            "s3-*.com",
            "443",
            'the wildcard s3-*.com lets in names that anybody can register below com (no-public-suffix-wildcard)\n  help: name the hosts, put the wildcard below a domain that one owner holds, or ask for an exception in values/exceptions.yaml with for: [{host: "s3-*.com"}] and namespaces: {shop: [eu]}',
        ),
        (
            "a.*",
            "443",
            'the wildcard a.* lets in names that anybody can register below the root (no-public-suffix-wildcard)\n  help: name the hosts, put the wildcard below a domain that one owner holds, or ask for an exception in values/exceptions.yaml with for: [{host: "a.*"}] and namespaces: {shop: [eu]}',
        ),
    ],
)
def test_other_ways_to_break_a_guardrail_say_so(destination: str, port: str, message: str) -> None:
    what: Host | AddressRange = (
        AddressRange(cidr=ip_network(destination), at=at(9))
        if "/" in destination
        else Host(pattern=HostPattern.parse(destination), at=at(9))
    )
    entry = rule(destinations=(what,), ports=(PortRange.parse(port),))

    shown = [str(each).partition(": error: ")[2] for each in review(organisation(entry), DAY)]

    assert message in shown
