"""Which entries are used, and how long ago: a picture, and a table of those that are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from transire.model.intent import Destination
from transire.review.page import Markup, Section, joined, tag
from transire.review.report.facts import Reach, Report, TeamReport, every_reach
from transire.review.report.svg import Row, bars
from transire.review.report.table_rows import (
    USE_WORDS,
    TableRow,
    destination_text,
    listing,
    mono,
    team_link,
)
from transire.review.report.use import EntryUse, Seen, Uses

_AGES = (
    (1, "1 day ago"),
    (7, "2 to 7"),
    (14, "8 to 14"),
    (30, "15 to 30"),
    (60, "31 to 60"),
    (90, "61 to 90"),
)
"""Days since the last use, to the first number of each, and what they are called."""
_LONGER = "before that"
_FILLS = {Seen.USED: "name-fill", Seen.UNUSED: "wild-fill", Seen.UNKNOWN: "range-fill"}
_MOST_WHY = 3

Entry = tuple[TeamReport, Reach, Destination, EntryUse]


def use_section(report: Report) -> Iterator[Section]:
    """The section, where logs were read."""
    if report.uses is None:
        return
    uses = report.uses
    found = list(_entries(report, uses))
    counts = {seen: sum(each[3].seen is seen for each in found) for seen in Seen}
    shown = ", ".join(f"{count:,} {USE_WORDS[seen]}" for seen, count in counts.items())
    yield Section(
        id="use",
        title="Use",
        lead=f"Of {len(found):,} entries of teams, {shown} within {uses.days} days. An entry is "
        "called not used only where the logs would have shown it. Rules for everyone are not "
        "looked at.",
        body=joined(
            (
                tag("h3", "Days since the last use"),
                _picture(found, report.as_of.date()),
                tag("h3", "Not used"),
                _listed(found, Seen.UNUSED, "No entry is known to be unused."),
                tag("h3", "Not known"),
                _listed(found, Seen.UNKNOWN, "The logs are enough for every entry."),
                tag("h3", "What was read"),
                tag("ul", *(tag("li", each, class_="free") for each in uses.coverage)),
            )
        ),
    )


def _entries(report: Report, uses: Uses) -> Iterator[Entry]:
    for team, reach in every_reach(report):
        for each in reach.rule.destinations:
            use = uses.of(team.team.name, reach.rule, each) if team else None
            if team is not None and use is not None:
                yield team, reach, each, use


def _picture(found: list[Entry], today: date) -> Markup:
    """How many entries were last used how long ago, and how many not at all."""
    ages = [(today - use.last).days for *_, use in found if use.last is not None]
    bounds = [0, *(bound for bound, _ in _AGES)]
    drawn = [
        Row(
            label=label,
            count=sum((low < age <= high) or (low == 0 and age <= high) for age in ages),
            fill=_FILLS[Seen.USED],
        )
        for low, (high, label) in zip(bounds, _AGES, strict=False)
    ]
    longer = sum(age > _AGES[-1][0] for age in ages)
    drawn.append(Row(label=_LONGER, count=longer, fill=_FILLS[Seen.USED]))
    for seen in (Seen.UNUSED, Seen.UNKNOWN):
        count = sum(use.seen is seen for *_, use in found)
        drawn.append(Row(label=USE_WORDS[seen], count=count, fill=_FILLS[seen]))
    return bars(drawn, "Entries by the days since their last use")


def _listed(found: list[Entry], seen: Seen, none: str) -> Markup:
    rows = [_row(*each) for each in found if each[3].seen is seen]
    why = () if seen is Seen.UNUSED else ("why",)
    return listing(
        ("team", "rule", "entry", "targets", *why),
        rows,
        things="entries",
        caption=USE_WORDS[seen].capitalize(),
        none=none,
        rest="transire report --format csv has all",
    )


def _row(team: TeamReport, reach: Reach, destination: Destination, use: EntryUse) -> TableRow:
    places = f"{len(reach.places):,}"
    more = len(use.why) - _MOST_WHY
    why = "; ".join(use.why[:_MOST_WHY]) + (f"; and {more} more" if more > 0 else "")
    cells: TableRow = (
        team_link(team.team.name),
        mono(reach.rule.name),
        mono(destination_text(destination)),
        places,
    )
    return (*cells, tag("span", why, class_="soft free")) if use.seen is Seen.UNKNOWN else cells
