"""Targets are told together only where they really read the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from support.review.reviewed import (
    NOTHING,
    WORLD,
    change,
    changed,
    checked,
    diff,
    hosts,
    manifest,
    nets,
    seen,
    side,
    some,
)
from transire.model.ends import End
from transire.model.intent import Mode
from transire.review.diff.changes import ChangeClass, Event, TargetChange
from transire.review.diff.compare import Seen
from transire.review.diff.grouped_targets import grouped
from transire.review.diff.headlines import counted
from transire.review.diff.risk_level import RiskLevel
from transire.review.diff.sort_order import biggest_first

DAY = End.on(date(2035, 6, 30))
TIME = End(last=datetime(2035, 6, 30, 18, tzinfo=UTC))

BEFORE = seen(hosts("a.example"))
AFTER = seen(hosts("a.example", "b.example"))
ONE = changed(BEFORE, AFTER)
DEV = side(environment="dev")
OTHER = side(team="billing")
AUDIT = side(Mode.AUDIT)


def notes(before: Seen, after: Seen) -> tuple[str, ...]:
    (group,) = grouped([changed(before, after)])
    return group.notes


def test_targets_that_read_the_same_are_one_group() -> None:
    targets = [
        ONE,
        changed(BEFORE, AFTER, cluster="us"),
        changed(BEFORE, AFTER, namespace="till"),
    ]

    (group,) = grouped(targets)

    assert group.title == "payments"
    assert group.places == (("shop", ("eu", "us")), ("till", ("eu",)))
    assert group.targets == tuple(targets)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, seen(hosts("a.example", "c.example"))),
        (BEFORE, seen(hosts("a.example", "b.example", who=some(app="x")) | hosts("a.example"))),
        (seen(hosts("a.example"), DEV), seen(hosts("a.example", "b.example"), DEV)),
        (seen(hosts("a.example"), OTHER), seen(hosts("a.example", "b.example"), OTHER)),
        (BEFORE, seen(hosts("a.example", "b.example", who=some(app="web")) | hosts("a.example"))),
        (BEFORE, seen(hosts("a.example", "b.example", "c.example"))),
        (BEFORE, seen(hosts("b.example"))),
        (BEFORE, seen(hosts("a.example", "b.example"), side(engine="cilium@1.18"))),
        (BEFORE, seen(hosts("a.example", "b.example"), side(environment="dev"))),
        (BEFORE, seen(hosts("a.example", "b.example"), side(team="billing"))),
        (BEFORE, seen(hosts("a.example", "b.example"), side(delegated=[("d.example", "proxy")]))),
        (BEFORE, seen(hosts("a.example", "b.example"), side(approximated=["nearly"]))),
        (BEFORE, seen(hosts("a.example", "b.example"), AUDIT)),
        (BEFORE, seen(hosts("a.example", "b.example"), unjudged="why")),
        (seen(NOTHING, None), AFTER),
    ],
)
def test_targets_that_differ_in_anything_that_is_read_are_apart(before: Seen, after: Seen) -> None:
    assert len(grouped([ONE, changed(before, after, cluster="us")])) == 2


def test_targets_with_other_rows_for_the_same_reasons_are_apart() -> None:
    before = seen(hosts("a.example", who=some(app="web")))
    both = [
        changed(before, seen(hosts("a.example", each, who=some(app="web"))))
        for each in ("a.a.example", "b.a.example")
    ]

    assert both[0].reasons == both[1].reasons == ()
    assert len(grouped(both)) == 2


def test_what_is_only_implied_is_no_row() -> None:
    found = changed(
        seen(checked("a.example")), seen(checked("a.example", "b.example"))
    )  # fmt: skip
    (group,) = grouped([found])

    assert len(found.gains) == 2
    assert [each.to for each in group.rows] == ["b.example"]


def test_details_come_after_new_destinations() -> None:
    before = seen(checked("a.example") | nets("192.0.2.0/24"))
    (group,) = grouped([changed(before, seen(hosts("a.example", "b.example")))])

    assert [(each.sign, each.effect, each.to) for each in group.rows] == [
        ("+", "opens", "b.example"),
        ("-", "closes", "192.0.2.0/24"),
        ("+", "more passes", "a.example with any other TLS name, or none"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            seen(NOTHING, None),
            seen(NOTHING),
            "the namespace comes under policy: what no rule allows is dropped from now on",
        ),
        (
            seen(NOTHING, None),
            seen(NOTHING, AUDIT),
            "the namespace comes under policy, in audit: nothing is dropped yet",
        ),
        (
            seen(NOTHING),
            seen(NOTHING, None),
            "the namespace is governed no longer: every destination is open",
        ),
        (
            seen(NOTHING),
            replace(seen(NOTHING), left=True),
            (
                "the namespace is in the values no longer, and nothing takes its policies away: they "
                "stay until somebody decommissions it, which opens what they close"
            ),
        ),
        (
            seen(NOTHING, AUDIT),
            seen(NOTHING),
            "the namespace leaves audit: what no rule allows is dropped from now on",
        ),
        (
            seen(NOTHING),
            seen(NOTHING, AUDIT),
            "the namespace goes into audit: nothing is dropped any more",
        ),
        (BEFORE, seen(NOTHING, unjudged="toGroups"), "nobody knows what this does: toGroups"),
        (
            BEFORE,
            seen(hosts("a.example"), side(team="billing", engine="calico@3.30", environment="x")),
            "the team was payments",
        ),
        (seen(NOTHING, side(team="")), seen(NOTHING), "the team was nobody"),
    ],
)
def test_what_happens_to_a_namespace_is_a_note(before: Seen, after: Seen, expected: str) -> None:
    assert notes(before, after)[0] == expected


def test_what_moved_is_told_with_what_it_was() -> None:
    after = seen(hosts("a.example"), side(engine="calico@3.30", environment="dev"))

    assert notes(BEFORE, after) == (
        "the engine was cilium@1.19 and is calico@3.30",
        "the environment was test",
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (DAY, End.on(date(2036, 6, 30)), "audit ended 2035-06-30 and ends 2036-06-30"),
        (DAY, None, "audit ended 2035-06-30 and ends never"),
        (None, TIME, "audit ended never and ends 2035-06-30T18:00:00Z"),
    ],
)
def test_another_end_of_an_audit_is_a_note(
    before: End | None, after: End | None, expected: str
) -> None:
    sides = (seen(hosts("a.example"), side(Mode.AUDIT, until=each)) for each in (before, after))

    assert notes(*sides) == (expected,)


def test_an_audit_that_begins_tells_when_it_ends() -> None:
    after = seen(hosts("a.example"), side(Mode.AUDIT, until=DAY))

    assert "audit ends 2035-06-30" in notes(BEFORE, after)
    assert "audit ends 2035-06-30" in notes(seen(NOTHING), after)


def test_hosts_that_are_delegated_are_notes() -> None:
    begun, ended = (side(delegated=[(host, "the proxy")]) for host in ("b.example", "a.example"))

    assert notes(seen(NOTHING, ended), seen(NOTHING, begun)) == (
        "b.example is delegated to the proxy from now on",
        "a.example is no longer delegated to the proxy",
    )


def test_in_audit_nothing_opens_yet_and_that_is_said() -> None:
    before, after = (seen(each, AUDIT) for each in (hosts("a.example"), hosts("b.example")))
    found = changed(before, after)

    assert (found.change, found.pending) == (ChangeClass.INCOMPARABLE, True)
    assert notes(before, after) == ("audit: what opens and closes counts once audit ends",)


def test_where_nothing_was_dropped_nothing_is_said_to_open() -> None:
    for before in (seen(NOTHING, None), seen(hosts("c.example"), AUDIT)):
        found = changed(before, seen(hosts("b.example")))
        (group,) = grouped([found])

        assert next(each.effect for each in group.rows) == "may reach"
        assert "may not reach" in {each.effect for each in group.rows} or before.side is None
        assert not found.pending


@pytest.mark.parametrize(
    ("before", "after", "change_class", "events"),
    [
        (BEFORE, AFTER, ChangeClass.WIDER, ()),
        (AFTER, BEFORE, ChangeClass.NARROWER, ()),
        (BEFORE, seen(hosts("b.example")), ChangeClass.INCOMPARABLE, ()),
        (BEFORE, seen(NOTHING, unjudged="x"), ChangeClass.UNJUDGED, ()),
        (seen(NOTHING, None), BEFORE, ChangeClass.NARROWER, (Event.GOVERNED,)),
        (BEFORE, seen(NOTHING, None), ChangeClass.WIDER, (Event.RELEASED,)),
        (BEFORE, replace(BEFORE, left=True), ChangeClass.SAME, (Event.LEFT,)),
        (BEFORE, replace(seen(NOTHING), left=True), ChangeClass.NARROWER, (Event.LEFT,)),
        (seen(NOTHING, None), seen(NOTHING, AUDIT), ChangeClass.SAME, (Event.GOVERNED,)),
        (seen(hosts("a.example"), AUDIT), BEFORE, ChangeClass.NARROWER, (Event.ENFORCED,)),
        (BEFORE, seen(hosts("a.example"), AUDIT), ChangeClass.WIDER, (Event.AUDITED,)),
    ],
)
def test_a_change_has_a_class_and_its_events(
    before: Seen, after: Seen, change_class: ChangeClass, events: tuple[Event, ...]
) -> None:
    found = changed(before, after)

    assert (found.change, found.events) == (change_class, events)


def test_a_target_that_nothing_touches_is_no_change() -> None:
    assert change(BEFORE, BEFORE) is None
    assert change(seen(WORLD, None), seen(WORLD, None)) is None


def test_objects_that_mean_the_same_are_a_change_of_their_own() -> None:
    before, after = (seen(NOTHING, objects=(manifest(spec=each),)) for each in "ab")

    found = changed(before, after)

    assert (found.change, found.risk) == (ChangeClass.SAME, RiskLevel.NONE)
    assert [each.how for each in found.objects] == ["changed"]


@pytest.mark.parametrize(
    ("classes", "looked_at", "expected"),
    [
        ([], 5, "nothing changes for any of 5 targets"),
        (["wider"], 5, "1 of 5 targets changes: 1 wider"),
        (["wider", "same", "wider"], 5, "3 of 5 targets change: 2 wider, 1 same"),
        (["same", "same"], 2, "2 of 2 targets change: 2 same"),
    ],
)
def test_targets_are_counted_by_class(classes: list[str], looked_at: int, expected: str) -> None:
    targets = [replace(ONE, change=ChangeClass(each)) for each in classes]

    assert counted(replace(diff(*targets), looked_at=looked_at)) == expected


def test_targets_without_anything_to_look_at_are_one_group_whatever_their_teams_are() -> None:
    newer = [
        changed(
            seen(NOTHING, side(team=team)), seen(NOTHING, side(team=team, engine="cilium@1.20")),
            namespace=team,
        )
        for team in ("a", "b", "c", "d")
    ]  # fmt: skip

    (group,) = grouped(newer)

    assert group.title == "a, b, c and 1 more"
    assert len(grouped([*newer, changed(BEFORE, AFTER, namespace="till")])) == 2


def test_the_biggest_risk_comes_first() -> None:
    def ranked(
        level: RiskLevel, kind: ChangeClass, team: str = "a", namespace: str = "a"
    ) -> TargetChange:
        reasons = tuple(replace(each, level=level) for each in ONE.reasons)
        return replace(
            ONE, change=kind, reasons=reasons, after=side(team=team), namespace=namespace
        )

    ordered = [
        ranked(RiskLevel.HIGH, ChangeClass.SAME),
        ranked(RiskLevel.LOW, ChangeClass.UNJUDGED),
        ranked(RiskLevel.LOW, ChangeClass.INCOMPARABLE),
        ranked(RiskLevel.LOW, ChangeClass.WIDER),
        ranked(RiskLevel.LOW, ChangeClass.NARROWER),
        ranked(RiskLevel.LOW, ChangeClass.SAME, "a", "z"),
        ranked(RiskLevel.LOW, ChangeClass.SAME, "b", "a"),
        replace(ranked(RiskLevel.LOW, ChangeClass.SAME, "b", "a"), cluster="us"),
    ]

    assert biggest_first(ordered[::-1]) == tuple(ordered)
