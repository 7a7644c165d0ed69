"""A comment fits its forge, with the biggest risks first, and counts what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from support.review.example_diff import NARROWER
from support.review.reviewed import changed, diff, hosts, manifest, nets, seen, side
from transire.review.diff.changes import SharedChange, TargetChange
from transire.review.diff.markdown import LIMIT, as_markdown


def many(count: int, lines: int) -> list[TargetChange]:
    """Targets of different teams, each with another host and with objects of that many lines."""
    found = []
    for each in range(count):
        host = f"*.team{each}.example" if each % 10 == 0 else f"a.team{each}.example"
        team = side(team=f"team-{each:04}")
        spec = [f"{host} {line}" for line in range(lines)]
        found.append(
            changed(
                seen(hosts("team.example"), team),
                seen(hosts("team.example", host), team, (manifest(spec=spec),)),
                namespace=f"space-{each:04}",
            )
        )
    return found


@pytest.mark.slow("a thousand targets")
def test_a_thousand_targets_fit_a_comment_with_the_biggest_risks_first() -> None:
    whole = diff(*many(1_000, 20))

    text = as_markdown(whole)

    assert len(text.encode()) <= LIMIT
    assert len(text.encode()) > LIMIT * 0.9
    headings = re.findall(r"^### .*risk \*\*(\w+)\*\*$", text, re.MULTILINE)
    assert headings[:100] == ["medium"] * 100
    assert set(headings[100:]) <= {"low"}
    left = 1_000 - len(headings)
    cut = re.findall(r"^\*\*Left out, to fit a comment:\*\* (.*)$", text, re.MULTILINE)
    shown = text.count("<details>")
    assert cut == [
        (
            f"{left} targets of no higher risk than those above and the differences of "
            f"{len(headings) - shown} objects. `transire diff` shows all."
        )
    ]


def test_differences_of_objects_go_before_what_they_mean() -> None:
    text = as_markdown(diff(*many(60, 200)))

    assert len(text.encode()) <= LIMIT
    assert text.count("\n### ") == 60
    assert 0 < text.count("<details>") < 60
    cut = re.findall(r"^\*\*Left out, to fit a comment:\*\* (.*)$", text, re.MULTILINE)
    assert cut == [
        f"the differences of {60 - text.count('<details>')} objects. `transire diff` shows all."
    ]


@pytest.mark.slow("a thousand targets")
def test_the_riskiest_target_is_shown_however_big_it_is() -> None:
    many_hosts = [f"{'x' * 60}.{'y' * 60}.host{each}.example" for each in range(3_000)]
    before = seen(hosts("a.example"))
    after = seen(hosts("a.example", *many_hosts) | nets("192.0.2.0/24"))
    big = changed(before, after)

    text = as_markdown(diff(replace(big, reasons=big.reasons * 50), NARROWER))

    assert len(text.encode()) <= LIMIT
    assert text.count("\n### ") == 2
    assert " and 2980 more" in text
    assert re.search(r"^- and \d+ more reasons$", text, re.MULTILINE)


def test_objects_that_namespaces_share_are_shown_once_or_counted() -> None:
    (target,) = many(1, 20)
    few = SharedChange(cluster="eu", objects=target.objects)
    long = replace(target.objects[0], lines=tuple(f"+{'x' * 99}" for _ in range(1_000)))

    shown = as_markdown(diff(target, shared=(few, replace(few, cluster="us"))))
    cut = as_markdown(diff(target, shared=(replace(few, objects=(long,)),)))

    assert shown.count("# eu, us: CiliumNetworkPolicy shop/allow-cards added") == 1
    assert len(cut.encode()) <= LIMIT
    assert "the differences of 1 object. `transire diff` shows all." in cut
