"""How exposed teams are, and what ends when: the parts of the page with pictures."""

from __future__ import annotations

from transire.meaning.endings import endings
from transire.review.page import Markup, Section, joined, more, tag
from transire.review.report.exposure import Exposure, team_exposure
from transire.review.report.facts import Report, TeamReport, every_reach
from transire.review.report.svg import BarPart, bar, fills, legend, time_line
from transire.review.report.table_rows import (
    TableRow,
    listed,
    listing,
    mark,
    mono,
    team_link,
    until,
)

_BY_JSON = "transire report --format json has all"


def exposure_section(report: Report) -> Section:
    """Teams, the most exposed first, with what makes them so."""
    found = sorted(
        ((team_exposure(each), each) for each in report.teams),
        key=lambda pair: (pair[0].order, pair[1].team.name),
    )
    longest = max((each.wildcards + each.ranges + each.names for each, _ in found), default=1)
    rows = [_exposure_row(team, each, longest) for each, team in found]
    key = (
        ("wild-fill", "wildcards"),
        ("range-fill", "address ranges"),
        ("name-fill", "exact hosts"),
    )
    head = ("team", "", "wildcards", "any depth", "ranges", "addresses", "exact hosts", "delegated",
            "in cluster", "other ports", "in audit")  # fmt: skip
    teams = more(
        head, rows, things="teams", rest="the search above knows all", numbers=range(2, 9),
        caption="Exposure of teams",
    )  # fmt: skip
    return Section(
        id="exposure",
        title="Exposure",
        lead="Each destination is counted once for a team, over the rules that hold somewhere, and "
        "kinds are never added up to a score: a wildcard admits names that nobody has listed, a "
        "range is reached without any name, a host is one name. Teams stand in order of wildcards, "
        "of those at any depth, of addresses, then of hosts. What everyone may reach is not "
        "counted here.",
        body=joined((legend(key), teams)),
    )


def _exposure_row(team: TeamReport, each: Exposure, longest: int) -> TableRow:
    parts = (
        BarPart(count=each.wildcards, fill="wild-fill"),
        BarPart(count=each.ranges, fill="range-fill"),
        BarPart(count=each.names, fill="name-fill"),
    )
    wide = f" + IPv6 /{each.widest_ipv6}" if each.widest_ipv6 is not None else ""
    return (
        team_link(team.team.name),
        bar(parts, longest),
        *map(_count, (each.wildcards, each.any_depth, each.ranges)),
        joined((_count(each.addresses), wide)),
        *map(_count, (each.names, each.delegated, each.inside)),
        listed(mono(str(port)) for port in each.other_ports),
        mark(f"{each.audit} of {len(team.targets)}", "warn") if each.audit else "",
    )


def _count(number: int) -> Markup:
    return tag("span", f"{number:,}", class_=None if number else "soft")


def dates_section(report: Report) -> Section:
    """What ends when, and what does so soon."""
    found = endings(report.organisation, report.as_of)
    days = report.organisation.platform.guardrails.expires_soon_days
    rules = [reach.rule for _, reach in every_reach(report)]
    endless = sum(each.expires is None for each in rules)
    soon = [
        (
            until(each.until, report),
            each.what.value,
            team_link(each.team),
            mono(each.entry),
            each.cluster,
        )
        for each in found
        if each.soon
    ]
    head = ("until", "what ends", "team", "rule or namespace", "cluster")
    picture = time_line(found, report.as_of.date())
    return Section(
        id="dates",
        title="Dates",
        lead=f"{endless:,} of {len(rules):,} rules have no end. After its end a rule or mode "
        "stops every further change of its team until a person edits the file, and an exception no "
        "longer applies; nothing changes in a cluster by itself.",
        body=joined(
            (
                fills() if picture else "",
                picture,
                tag("h3", f"Within {days} days"),
                listing(
                    head,
                    soon,
                    things="entries",
                    caption="Ends soon",
                    none="Nothing ends as soon as that.",
                    rest=_BY_JSON,
                ),
            )
        ),
    )
