"""Rules of one team count together, so that the internet in parts is no way around a guardrail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from support.values.rules_of_teams import messages

HALVES = ("128.0.0.0/8", "129.0.0.0/8")
RULE = "no-world-cidr"
LIMITS = {"clusters": ("[eu]", "[st]"), "namespaces": ("[shop]", "[shop-jobs]")}


def rule(name: str, ranges: Iterable[str], **more: str) -> str:
    listed = ", ".join(f'{{cidr: "{each}"}}' for each in ranges)
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{name: {name}, reason: reach partners, ticket: SEC-1, to: [{listed}]{rest}}}"


def every_second(first: int, until: int) -> list[str]:
    return [f"{number}.0.0.0/8" for number in range(first, until, 2)]


def found(
    shop: Sequence[str], books: Sequence[str] = (), everyone: Sequence[str] = ()
) -> list[str]:
    return messages(RULE, {"shop": shop, "books": books}, everyone)


def test_two_rules_that_come_to_a_wider_range_are_refused() -> None:
    assert found([rule("even", HALVES[:1]), rule("odd", HALVES[1:])]) == [
        "egress to 128.0.0.0/7 is not allowed, which rule 'odd' reaches together with 'even'"
    ]


def test_two_rules_with_every_other_range_are_refused() -> None:
    both = [rule("even", every_second(128, 160)), rule("odd", every_second(129, 160))]

    assert found(both) == [
        "egress to 128.0.0.0/3 is not allowed, which rule 'odd' reaches together with 'even'"
    ]


def test_many_ranges_that_do_not_touch_are_refused_in_one_rule_and_in_two() -> None:
    first, second = every_second(128, 150), every_second(150, 170)

    assert found([rule("many", [*first, *second])]) == [
        ("egress to as much of IPv4 as 21.0 ranges of /8 is not allowed, which rule 'many' reaches")
    ]
    assert found([rule("many", first), rule("more", second)]) == [
        (
            "egress to as much of IPv4 as 21.0 ranges of /8 is not allowed, which rule 'more' "
            "reaches together with 'many'"
        )
    ]
    assert found([rule("some", first)]) == []


def test_rules_of_two_teams_do_not_count_together() -> None:
    assert found([rule("even", HALVES[:1])], [rule("odd", HALVES[1:])]) == []


def test_rules_for_everyone_count_for_every_team() -> None:
    assert found([rule("even", HALVES[:1])], everyone=[rule("odd", HALVES[1:])]) == [
        "egress to 128.0.0.0/7 is not allowed, which rule 'even' reaches together with 'odd'"
    ]


def test_rules_for_everyone_are_named_once() -> None:
    everyone = [rule("even", HALVES[:1]), rule("odd", HALVES[1:])]

    assert found([rule("other", ["198.51.100.0/24"])], everyone=everyone) == [
        "egress to 128.0.0.0/7 is not allowed, which rule 'odd' reaches together with 'even'"
    ]


def test_rules_of_environments_that_never_meet_do_not_count_together() -> None:
    here, there = "[prod]", "[staging]"

    apart = [
        rule("even", HALVES[:1], environments=here),
        rule("odd", HALVES[1:], environments=there),
    ]
    assert found(apart) == []
    assert len(found([apart[0], rule("odd", HALVES[1:])])) == 1


@pytest.mark.parametrize("limit", ["clusters", "namespaces"])
def test_rules_of_clusters_or_namespaces_that_never_meet_do_not_count_together(limit: str) -> None:
    first, second = LIMITS[limit]

    apart = [rule("even", HALVES[:1], **{limit: first}), rule("odd", HALVES[1:], **{limit: second})]
    assert found(apart) == []
    assert len(found([apart[0], rule("odd", HALVES[1:])])) == 1


@pytest.mark.parametrize("world", ["0.0.0.0/0", "128.0.0.0/1"])
def test_a_range_that_is_too_wide_by_itself_is_named_once(world: str) -> None:
    assert found([rule("all", [world]), rule("one", ["129.0.0.0/8"])]) == [
        f"egress to {world} is not allowed"
    ]


def test_ranges_of_ipv6_count_alike() -> None:
    both = [rule("even", ["2a00::/16"]), rule("odd", ["2a01::/16"])]

    assert found(both) == [
        "egress to 2a00::/15 is not allowed, which rule 'odd' reaches together with 'even'"
    ]


CHECKOUT, SEARCH, LEADER = "{app: checkout}", "{app: search}", "{role: leader}"


def test_rules_of_pods_that_no_pod_is_both_do_not_count_together() -> None:
    apart = [
        rule("even", HALVES[:1], **{"from": CHECKOUT}),
        rule("odd", HALVES[1:], **{"from": SEARCH}),
    ]

    assert found(apart) == []
    assert found([apart[0], rule("odd", HALVES[1:], **{"from": LEADER})]) == [
        "egress to 128.0.0.0/7 is not allowed, which rule 'odd' reaches together with 'even'"
    ]


def test_a_rule_of_every_pod_counts_with_each_of_the_others() -> None:
    first, second, third = "128.0.0.0/8", "129.0.0.0/8", "200.0.0.0/8"
    rules = [
        rule("all", [first]),
        rule("checkout", [third], **{"from": CHECKOUT}),
        rule("search", [second], **{"from": SEARCH}),
    ]

    assert found(rules) == [
        "egress to 128.0.0.0/7 is not allowed, which rule 'search' reaches together with 'all'"
    ]


def test_many_sources_count_together_where_they_cannot_be_told_apart() -> None:
    many = [
        rule(f"part-{number}", [f"{number}.0.0.0/8"], **{"from": f"{{key-{number}: yes-it-is}}"})
        for number in (128, 130, 132, 134, 136, 138, 140, 142, 144, 146)
    ]
    pair = [
        rule("even", HALVES[:1], **{"from": CHECKOUT}),
        rule("odd", HALVES[1:], **{"from": SEARCH}),
    ]

    assert found([*pair, *many[1:4]]) == []
    [message] = found([*pair, *many[1:]])

    assert message.startswith("egress to 128.0.0.0/7 is not allowed")


def test_ranges_that_carry_ipv4_count_as_what_they_carry() -> None:
    carrying = rule("carried", ["64:ff9b::8100:0/104"])

    assert found([rule("even", HALVES[:1]), carrying]) == [
        "egress to 128.0.0.0/7 is not allowed, which rule 'even' reaches together with 'carried'"
    ]
    assert found([rule("halves", ["64:ff9b::/97"])]) == ["egress to 64:ff9b::/97 is not allowed"]
    assert found([rule("mapped", ["::/80"])]) == ["egress to ::/80 is not allowed"]
