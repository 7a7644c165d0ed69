"""How a report is shown, by the name that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from transire.review.report.csv_form import as_csv
from transire.review.report.facts import Report
from transire.review.report.html import as_html
from transire.review.report.json_document import as_json

REPORT_FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {"html": as_html, "json": as_json, "csv": as_csv}
)
"""Each gives the whole output as text."""
