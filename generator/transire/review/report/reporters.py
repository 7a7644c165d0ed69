"""How a report is shown, by the name that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from transire.review.report.document import as_json
from transire.review.report.html import as_html
from transire.review.report.subject import Report

REPORT_FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {"html": as_html, "json": as_json}
)
"""Each gives the whole answer as text."""
