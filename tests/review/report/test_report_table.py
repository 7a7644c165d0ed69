"""A report as a table for spreadsheets."""

from __future__ import annotations

import csv
from dataclasses import replace

from support.review.report_examples import example
from transire.review.page.csv_table import csv_table
from transire.review.report.csv_form import COLUMNS, as_csv
from transire.review.report.facts import every_reach


def test_every_destination_of_every_rule_has_a_row() -> None:
    rows = list(csv.reader(as_csv(example()).splitlines()))

    assert tuple(rows[0]) == COLUMNS
    assert len(rows) - 1 == sum(len(reach.rule.destinations) for _, reach in every_reach(example()))
    assert [
        "payments", "settlement", "198.51.100.16/28", "22/TCP 8000-8010/TCP", "app=settlement",
        "payments-prod.prod-eu payments-prod.prod-onprem", "send the nightly settlement file",
        "SEC-1507", "",
    ] in rows  # fmt: skip


def test_no_cell_is_a_formula_and_quotes_are_kept() -> None:
    cells = ["=1+1", "+a", "-a", "@a", "\ta", 'a "b", c', "a\nb", "plain"]
    text = csv_table(("one",), [[each] for each in cells])

    assert text == ('one\n\'=1+1\n\'+a\n\'-a\n\'@a\n\'\ta\n"a ""b"", c"\n"a\nb"\nplain\n')


def test_the_same_report_gives_the_same_table() -> None:
    assert as_csv(example()) == as_csv(replace(example()))
