"""A comment fits its forge, with the biggest risks first, and counts what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.review.example_diff import NARROWER, WIDER
from support.review.reviewed import changed, diff, hosts, manifest, nets, seen, side
from transire.model.intent import Mode
from transire.review.diff.changes import SharedChange, TargetChange
from transire.review.diff.comment_room import Block, Piece, by_risk, choose
from transire.review.diff.markdown import LIMIT, as_markdown
from transire.review.diff.risk_level import RiskLevel
from transire.review.markdown_escape import cell


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
    (told,) = cut
    assert re.fullmatch(
        rf"{left} targets \({left} of low risk\); "
        r"(1 row of those above \(1 of low risk\); )?"  # where the last one fits but for a row
        rf"the differences of {len(headings) - shown} objects\. `transire diff` shows all\.",
        told,
    )


def test_of_a_long_change_the_least_risky_rows_are_left_out_wherever_they_are() -> None:
    plain, risky = (
        changed(seen(hosts("team.example")), seen(hosts("team.example", host))).gains[0]
        for host in ("api.new.example", "*.new.example")
    )
    rows = [
        replace(plain if each % 2 else risky, who=f"app={'a' * 40}{each}") for each in range(900)
    ]
    targets = [replace(WIDER[0], gains=tuple(some)) for some in (rows[:450], rows[450:])]

    text = as_markdown(diff(targets[0], replace(targets[1], namespace="other")))

    assert len(text.encode()) <= LIMIT
    left = 450 - text.count(f"| {cell('*.new.example')} |")
    assert 0 < left < 450
    assert cell("api.new.example") not in text
    assert re.findall(r"^\*\*Left out, to fit a comment:\*\* (.*)$", text, re.MULTILINE) == [
        (
            f"{left + 450} rows of those above ({left} of medium risk, 450 of low risk); the "
            "differences of 2 objects. `transire diff` shows all."
        )
    ]
    assert len(re.findall(r"^\| \| and \d+ more rows: .* \|$", text, re.MULTILINE)) == 2


def test_the_risk_of_a_whole_target_is_shown_before_rows_of_less() -> None:
    audited = changed(seen(hosts("a.example")), seen(hosts("a.example"), side(Mode.AUDIT)))
    blocks = [
        Block(frame=Piece(size=10, risk=RiskLevel.LOW), rows=()),
        Block(frame=Piece(size=10, risk=audited.risk), rows=(Piece(size=5, risk=RiskLevel.NONE),)),
    ]

    assert choose(blocks, 24).rows == (frozenset(), frozenset())
    assert choose(blocks, 14).rows == (None, frozenset())


BLOCKS = st.lists(
    st.builds(
        lambda frame, risks: Block(
            frame=Piece(size=frame, risk=max([*risks, RiskLevel.NONE], key=lambda each: each.rank)),
            rows=tuple(Piece(size=3 + n, risk=each) for n, each in enumerate(risks)),
        ),
        st.integers(1, 20),
        st.lists(st.sampled_from(RiskLevel), max_size=6),
    ),
    max_size=5,
)


@given(BLOCKS, st.integers(0, 120))
def test_nothing_is_left_out_of_a_higher_risk_than_what_is_shown(
    blocks: list[Block], room: int
) -> None:
    chosen = choose(blocks, room)

    shown, hidden, size = [], [], 0
    for block, rows in zip(blocks, chosen.rows, strict=True):
        taken = frozenset[int]() if rows is None else rows
        shown += [row.risk.rank for n, row in enumerate(block.rows) if n in taken]
        hidden += [row.risk.rank for n, row in enumerate(block.rows) if n not in taken]
        size += 0 if rows is None else block.frame.size
        size += sum(row.size for n, row in enumerate(block.rows) if n in taken)
    assert size == room - chosen.left
    assert not shown or not hidden or min(shown) >= max(hidden)


def test_risks_are_counted_from_the_highest_down() -> None:
    some_of_each = [RiskLevel.NONE, RiskLevel.HIGH, RiskLevel.LOW, RiskLevel.HIGH]

    assert by_risk(some_of_each) == "2 of high risk, 1 of low risk, 1 with no risk seen"


def test_of_many_destinations_patterns_are_shown_first() -> None:
    many_hosts = [f"host{each}.a.example" for each in range(30)]
    text = as_markdown(
        diff(
            changed(seen(hosts("a.example")), seen(hosts("a.example", *many_hosts, "*.z.example")))
        )
    )

    assert f"| {cell('*.z.example')}, {cell('host0.a.example')}, " in text
    assert " and 11 more |" in text


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
