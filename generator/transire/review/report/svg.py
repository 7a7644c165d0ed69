"""Pictures, as SVG that takes its colours from the style sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from transire.meaning.endings import Ending, Ends
from transire.review.page import Markup, joined, tag

_BAR = 180
"""Width of the longest bar."""
_WIDTH, _HEIGHT, _FLOOR, _TOP = 760, 170, 140, 18
_YEAR = 12
_FEWEST, _MOST = 12, 24
"""Columns of the time line; the one for all later days comes after the most."""
_FILLS = {
    Ends.RULE: "name-fill",
    Ends.MODE: "left-fill",
    Ends.EXCEPTION: "wild-fill",
    Ends.BUNDLE: "range-fill",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPart:
    """One part of a bar: how many, and the class that fills it."""

    count: int
    fill: str


def bar(parts: Sequence[BarPart], longest: int) -> Markup:
    """A bar in parts, as long as its sum is of the longest; what is there can be seen.

    The numbers stand beside it, so nobody needs the picture.
    """
    drawn, place = [], 0.0
    for each in parts:
        if each.count:
            width = max(each.count / max(longest, 1) * _BAR, 2.0)
            drawn.append(
                tag(
                    "rect", x=_number(place), y=0, width=_number(width), height=10, class_=each.fill
                )
            )
            place += width + 1
    return tag(
        "svg", *drawn, width=_BAR + 10, height=10, viewBox=f"0 0 {_BAR + 10} 10", aria_hidden="true"
    )


def legend(pairs: Iterable[tuple[str, str]]) -> Markup:
    """What each fill stands for."""
    return tag(
        "p",
        *(
            tag(
                "span",
                tag("svg", tag("rect", width=10, height=10, class_=fill), width=10, height=10),
                text,
            )
            for fill, text in pairs
        ),
        class_="legend",
    )


def time_line(found: Sequence[Ending], as_of: date) -> Markup:
    """How many entries end when: a column a month, a quarter or a year, by how far it goes."""
    ahead = [each for each in found if not each.past]
    if not ahead:
        return Markup()
    months = _unit(_most_of(sorted(_month(each.until.day) for each in ahead)) - _month(as_of))
    first = _month(as_of) // months
    columns: Counter[tuple[int, Ends]] = Counter(
        (min(_month(each.until.day) // months - first, _MOST), each.what) for each in ahead
    )
    last = max(place for place, _ in columns)
    count = max(last + 1, _FEWEST)
    tallest = max(sum(columns[place, what] for what in Ends) for place in range(last + 1))
    step = _WIDTH / count
    drawn: list[Markup] = []
    for place in range(count):
        drawn += _column(
            place * step, step, [(what, columns[place, what]) for what in Ends], tallest
        )
        drawn += _label(place * step, step, place, (first + place) * months, months)
    axis = tag("line", x1=0, x2=_WIDTH, y1=_FLOOR, y2=_FLOOR, class_="axis")
    title = f"{len(ahead)} entries end on a day; the columns count them by time"
    picture = tag(
        "svg",
        *drawn,
        axis,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        width=_WIDTH,
        role="img",
        aria_label=title,
    )
    return tag(
        "div", picture, class_="wide plot", tabindex="0", role="group", aria_label="Time line"
    )


def _column(
    left: float, step: float, counts: Sequence[tuple[Ends, int]], tallest: int
) -> Iterator[Markup]:
    total, top = sum(count for _, count in counts), float(_FLOOR)
    width = min(step * 0.6, 28)
    for what, count in counts:
        if count:
            height = max(count / tallest * (_FLOOR - _TOP), 2.0)
            top -= height
            yield tag(
                "rect",
                x=_number(left + (step - width) / 2),
                y=_number(top),
                width=_number(width),
                height=_number(height),
                class_=_FILLS[what],
            )
    if total:
        yield _text(f"{total:,}", left + step / 2, top - 5)


def _label(left: float, step: float, place: int, month: int, months: int) -> Iterator[Markup]:
    year, within = divmod(month, _YEAR)
    if place == _MOST:
        yield _text("later", left + step / 2, _FLOOR + 15)
        return
    if months == _YEAR:
        yield _text(str(year), left + step / 2, _FLOOR + 15)
        return
    yield _text(
        _MONTHS[within] if months == 1 else f"Q{within // 3 + 1}", left + step / 2, _FLOOR + 15
    )
    if place == 0 or within == 0:
        yield _text(str(year), left + step / 2, _FLOOR + 29)


def _text(text: str, x: float, y: float) -> Markup:
    return tag("text", text, x=_number(x), y=_number(y), text_anchor="middle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bar of a picture: what it counts, how many, and the class that fills it."""

    label: str
    count: int
    fill: str


_ROW, _LABEL, _NUMBER = 22, 84, 44
_ROWS_WIDTH = 350
"""As wide as the screen of a telephone."""


def bars(found: Sequence[Row], title: str) -> Markup:
    """Bars below each other, each with what it counts before and its number behind."""
    tallest = max((each.count for each in found), default=0)
    room = _ROWS_WIDTH - _LABEL - _NUMBER
    drawn: list[Markup] = []
    for place, each in enumerate(found):
        width = max(each.count / max(tallest, 1) * room, 2.0) if each.count else 0.0
        base = place * _ROW + 15
        drawn.append(tag("text", each.label, x=_LABEL - 8, y=base, text_anchor="end"))
        drawn.append(
            tag("rect", x=_LABEL, y=base - 11, width=_number(width), height=14, class_=each.fill)
        )
        number = f"{each.count:,}"
        drawn.append(
            tag("text", number, x=_number(_LABEL + width + 6), y=base, text_anchor="start")
        )
    height = len(found) * _ROW
    box = f"0 0 {_ROWS_WIDTH} {height}"
    return tag(
        "div",
        tag(
            "svg", *drawn, viewBox=box, width=_ROWS_WIDTH, height=height, role="img",
            aria_label=title,
        ),
        class_="plot",
    )  # fmt: skip


def _most_of(months: Sequence[int]) -> int:
    """The month by which nine of ten are over, so that few far days do not press the rest flat."""
    return months[-(-len(months) * 9 // 10) - 1]


def _unit(months: int) -> int:
    """Months in a column: one, a quarter or a year."""
    return 1 if months < _MOST else 3 if months < 3 * _MOST else _YEAR


def _month(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def fills() -> Markup:
    """What the columns of the time line stand for."""
    labels = {
        Ends.RULE: "rules",
        Ends.MODE: "modes of a namespace",
        Ends.EXCEPTION: "exceptions",
        Ends.BUNDLE: "bundles that grow old",
    }
    return joined([legend((_FILLS[each], labels[each]) for each in Ends)])
