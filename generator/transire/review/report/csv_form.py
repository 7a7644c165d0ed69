"""A report as a table for spreadsheets: one row for each destination of a rule."""

from __future__ import annotations

from collections.abc import Iterator

from transire.flows.pod_set import written_labels
from transire.model.intent import AddressRange, Destination, Entity, Host, Pods
from transire.model.pod_selector import written_sources
from transire.review.page.csv_table import csv_table
from transire.review.report.facts import Reach, Report, TeamReport, every_reach
from transire.review.report.table_rows import EVERYONE

COLUMNS = (
    "team", "rule", "destination", "ports", "from", "targets", "reason", "ticket", "expires",
)  # fmt: skip
"""What the columns are called, here and in `report.js`."""


def as_csv(report: Report) -> str:
    """The table, in the order of the page."""
    return csv_table(COLUMNS, _rows(report))


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for team, reach in every_reach(report):
        for destination in reach.rule.destinations:
            yield _row(team, reach, destination)


def _row(team: TeamReport | None, reach: Reach, destination: Destination) -> tuple[str, ...]:
    rule = reach.rule
    ports = destination.ports or rule.ports
    return (
        EVERYONE if team is None else team.team.name,
        rule.name,
        _destination(destination),
        " ".join(map(str, ports)),
        written_sources(rule.sources),
        " ".join(reach.places),
        rule.reason,
        rule.ticket,
        "" if rule.expires is None else str(rule.expires),
    )


def _destination(destination: Destination) -> str:
    match destination:
        case Host(pattern=pattern):
            return pattern.text
        case AddressRange(cidr=cidr):
            return str(cidr)
        case Pods(labels=labels):
            return f"pod:{destination.where}/{written_labels(dict(labels))}".removesuffix("/")
        case Entity(kind=kind):
            return f"entity:{kind}"
