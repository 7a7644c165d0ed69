"""Pictures of a report: what they count, by when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from transire.meaning.endings import Ending, Ends
from transire.model.ends import End
from transire.review.page import Markup
from transire.review.report.svg import BarPart, bar, fills, time_line

AS_OF = date(2026, 11, 23)


def ending(days: int, what: Ends = Ends.RULE) -> Ending:
    until = End.on(AS_OF + timedelta(days=days))
    return Ending(
        what=what,
        team="a",
        entry="b",
        cluster="",
        until=until,
        days=days,
        soon=days <= 30,
        past=days < 0,
    )


def texts(picture: Markup) -> list[str]:
    return re.findall(r">([^<>]+)</text>", picture)


def sizes(picture: Markup, name: str) -> list[float]:
    return [float(each) for each in re.findall(rf'<rect [^>]*{name}="([0-9.]+)"', picture)]


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        ((0, 10, 40), ["Nov", "2026", "Dec", "Jan", "2027"]),
        ((40, 1500), ["Q4", "2026", "Q1", "2027", "Q2"]),
        ((40, 5000), ["2026", "2027", "2028", "2029", "2030"]),
    ],
)
def test_columns_are_as_wide_as_the_dates_need(days: Sequence[int], labels: list[str]) -> None:
    shown = texts(time_line([ending(each) for each in days], AS_OF))

    assert labels == [each for each in shown if not each.isdigit() or len(each) == 4][:5]


def test_few_far_days_are_later_and_lost_to_nobody() -> None:
    picture = time_line([*(ending(40) for _ in range(20)), ending(9000)], AS_OF)

    assert texts(picture)[-2:] == ["1", "later"]
    assert "20" in texts(picture)
    assert 'aria-label="21 entries end on a day' in picture


def test_what_is_past_is_not_ahead() -> None:
    assert time_line([ending(-1)], AS_OF) == ""


def test_kinds_stand_on_each_other() -> None:
    picture = time_line([ending(n, what) for n, what in enumerate(Ends, 1)], AS_OF)
    tops, heights = sizes(picture, " y"), sizes(picture, "height")

    assert len(tops) == len(Ends) == 4
    assert tops[0] + heights[0] == 140
    assert tops[1] + heights[1] == pytest.approx(tops[0], abs=0.2)
    assert tops[2] + heights[2] == pytest.approx(tops[1], abs=0.2)
    assert tops[3] + heights[3] == pytest.approx(tops[2], abs=0.2)


def test_every_kind_has_a_place_in_the_legend() -> None:
    shown = re.findall(r">([^<>]+)</span>", fills())

    assert shown == ["rules", "modes of a namespace", "exceptions", "bundles that grow old"]


def test_a_bar_is_as_long_as_its_share_and_what_is_there_is_seen() -> None:
    parts = (
        BarPart(count=1, fill="wild-fill"),
        BarPart(count=0, fill="range-fill"),
        BarPart(count=500, fill="name-fill"),
    )

    assert sizes(bar(parts, 1000), "width") == [2, 90]
