"""A report as a table for spreadsheets: one row for each destination of a rule."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.intent import Destination
from transire.model.pod_selector import written_sources
from transire.review.page.csv_table import csv_table
from transire.review.report.facts import Reach, Report, TeamReport, every_reach
from transire.review.report.table_rows import EVERYONE, destination_text
from transire.review.report.use import Uses

COLUMNS = (
    "team", "rule", "destination", "ports", "from", "targets", "reason", "ticket", "expires",
)  # fmt: skip
"""What the columns are called, here and in `report.js`."""
USE_COLUMNS = ("use", "times", "last use")
"""Those beside them where logs were read."""


def as_csv(report: Report) -> str:
    """The table, in the order of the page."""
    head = COLUMNS if report.uses is None else (*COLUMNS, *USE_COLUMNS)
    return csv_table(head, _rows(report))


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for team, reach in every_reach(report):
        for destination in reach.rule.destinations:
            row = _row(team, reach, destination)
            used = _use(report.uses, team, reach, destination) if report.uses else ()
            yield (*row, *used)


def _use(
    uses: Uses, team: TeamReport | None, reach: Reach, destination: Destination
) -> tuple[str, ...]:
    found = uses.of(team.team.name, reach.rule, destination) if team else None
    if found is None:
        return "", "", ""
    return found.seen.value, str(found.count), found.last.isoformat() if found.last else ""


def _row(team: TeamReport | None, reach: Reach, destination: Destination) -> tuple[str, ...]:
    rule = reach.rule
    ports = destination.ports or rule.ports
    return (
        EVERYONE if team is None else team.team.name,
        rule.name,
        destination_text(destination),
        " ".join(map(str, ports)),
        written_sources(rule.sources),
        " ".join(reach.places),
        rule.reason,
        rule.ticket,
        "" if rule.expires is None else str(rule.expires),
    )
