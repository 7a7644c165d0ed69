"""Tables for spreadsheets; `asCsv` of `lists.js` gives the same in the browser."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as RFC 4180 has it, with plain ends of lines.

    A cell that a spreadsheet would take for a formula has an apostrophe before it.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(each) for each in row] for row in rows)
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
