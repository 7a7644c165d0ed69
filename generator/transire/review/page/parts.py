"""Parts that pages are made of: tables, figures, fields of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.model.origin import Origin
from transire.review.page.markup import Child, Markup, joined, tag

_FIRST = 12
"""Rows of a long table that are seen before a reader opens the rest."""


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Child]],
    *,
    numbers: Iterable[int] = (),
    caption: str = "",
    class_: str = "",
) -> Markup:
    """A table with its column heads; `numbers` are the places of columns that hold numbers."""
    right = frozenset(numbers)
    heads = [
        tag("th", each, scope="col", class_="number" if place in right else None)
        for place, each in enumerate(head)
    ]
    body = [
        tag(
            "tr",
            *(
                tag("td", cell, data_head=head[place], class_="number" if place in right else None)
                for place, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    content = joined((tag("thead", tag("tr", *heads)), tag("tbody", *body)))
    named = tag("caption", caption, class_="unseen") if caption else ""
    framed = tag("table", named, content, class_=class_ or None)
    return tag("div", framed, class_="wide", tabindex="0", role="group", aria_label=caption or None)


def more(
    head: Sequence[str],
    rows: Sequence[Sequence[Child]],
    *,
    things: str,
    most: int = 200,
    total: int | None = None,
    rest: str = "",
    numbers: Iterable[int] = (),
    caption: str = "",
) -> Markup:
    """A table of which a long rest is folded away, and a stated cut after `most` rows.

    `things` is what the rows are, in the plural; `rest` is where the others are to be found.
    `total` is how many there are where `rows` hold only the first.
    """
    numbers = tuple(numbers)
    first, later = rows[:_FIRST], rows[_FIRST:most]
    parts = [table(head, first, numbers=numbers, caption=caption)]
    if later:
        folded = table(head, later, numbers=numbers, caption=f"{caption}, continued")
        parts.append(tag("details", tag("summary", f"{len(later):,} more {things}"), folded))
    total = len(rows) if total is None else total
    if total > most:
        cut = f"{most:,} of {total:,} {things} are listed here"
        parts.append(tag("p", f"{cut}; {rest}." if rest else f"{cut}.", class_="cut"))
    return joined(parts)


def figures(pairs: Iterable[tuple[int, str, Markup]]) -> Markup:
    """Numbers in a row, each with what it counts and a line below."""
    return tag(
        "dl",
        *(
            tag("div", tag("dt", what), tag("dd", f"{count:,}"), note)
            for count, what, note in pairs
        ),
        class_="figures",
    )


def origin_line(origin: Origin) -> Markup:
    """Organisation, repository and commit, or nothing where none is known."""
    parts: list[Child] = [tag("strong", origin.organisation)] if origin.organisation else []
    if origin.repository:
        parts += [", " if parts else "", tag("code", origin.repository)]
    if origin.commit:
        short = tag("code", origin.revision, title=origin.commit)
        parts += [" at " if origin.repository else ", commit " if parts else "commit ", short]
    return tag("p", *parts, class_="origin") if parts else Markup()


def field(label: str, control: Markup, *, wide: bool = False) -> Markup:
    """A control of a filter under its label."""
    return tag("label", tag("span", label), control, class_="field grow" if wide else "field")


def foldable(title: str, form: Markup) -> Markup:
    """A filter that is folded away at first on a small screen, so that what it filters is seen."""
    return tag("details", tag("summary", title), form, class_="filtering scripted", open="open")


def options(name: str, every: str, choices: Iterable[str]) -> Markup:
    """A choice of one, or of all, which `every` names."""
    first = tag("option", every, value="")
    return tag("select", first, *(tag("option", each, value=each) for each in choices), name=name)


def ordered(own: str, orders: Iterable[tuple[str, str]]) -> Markup:
    """A choice of the order of a list, which has one of its `own`; each has a value and a text."""
    first = tag("option", own, value="")
    return tag("select", first, *(tag("option", text, value=name) for name, text in orders),
               name="sort")  # fmt: skip


def csv_button() -> Markup:
    """What hands over the list below as a table for spreadsheets; the page's script does it."""
    return tag("button", "CSV", type="button", id="csv", title="What is listed below, as a table")
