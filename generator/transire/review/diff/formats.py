"""How a diff is shown, by the name that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from transire.review.diff.changes import Diff
from transire.review.diff.html import as_html
from transire.review.diff.json_document import as_json
from transire.review.diff.markdown import as_markdown
from transire.review.diff.text import as_text

DIFF_FORMATS: Mapping[str, Callable[[Diff], str]] = MappingProxyType(
    {"text": as_text, "markdown": as_markdown, "json": as_json, "html": as_html}
)
