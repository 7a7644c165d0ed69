"""Audit checks no names: what only follows from that is told as such, and is no line of a change."""

from __future__ import annotations

import pytest

from support.review.reviewed import (
    EVERY_NAME,
    changed,
    checked,
    hosts,
    names,
    resolving,
    seen,
    side,
)
from transire.flows.flow_set import FlowSet
from transire.model.intent import Mode
from transire.review.diff.changes import ChangeClass, TargetChange
from transire.review.diff.grouped_targets import Group

AUDIT = side(Mode.AUDIT)
GOES = (
    "audit checks no TLS server names and no names that are queried; both are checked again once "
    "it ends, where rules and settings have it so"
)
COMES = (
    "TLS server names and names that are queried are checked from now on, where rules and settings "
    "have it so"
)


def lines(change: TargetChange) -> list[str]:
    return [f"{row.sign} {row.to}" for row in Group(targets=(change,)).rows]


def notes(change: TargetChange) -> tuple[str, ...]:
    return Group(targets=(change,)).notes


@pytest.mark.parametrize(
    ("names_checked", "in_audit"),
    [
        (checked("a.example"), hosts("a.example")),
        (resolving(names("a.example")), resolving(EVERY_NAME)),
    ],
)
def test_names_that_audit_does_not_check_are_a_note_and_no_line(
    names_checked: FlowSet, in_audit: FlowSet
) -> None:
    goes = changed(seen(names_checked), seen(in_audit, AUDIT))
    comes = changed(seen(in_audit, AUDIT), seen(names_checked))

    assert (lines(goes), lines(comes)) == ([], [])
    assert GOES in notes(goes)
    assert COMES in notes(comes)
    assert (goes.change, comes.change) == (ChangeClass.WIDER, ChangeClass.NARROWER)


def test_what_else_changes_with_the_mode_is_a_line() -> None:
    goes = changed(seen(checked("a.example")), seen(hosts("a.example", "b.example"), AUDIT))

    assert lines(goes) == ["+ b.example"]


def test_where_no_names_are_checked_nothing_is_told_about_them() -> None:
    goes = changed(seen(hosts("a.example")), seen(hosts("a.example"), AUDIT))

    assert {GOES, COMES}.isdisjoint(notes(goes))


def test_in_audit_on_both_sides_every_line_counts() -> None:
    found = changed(seen(checked("a.example"), AUDIT), seen(hosts("a.example"), AUDIT))

    assert lines(found) == ["+ a.example with any other TLS name, or none"]
