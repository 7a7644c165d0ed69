"""The page of every alert: it is listed, and ends with what shows that it is mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.paths import DOCS
from transire.delivery.monitoring.rules import alert_name

PAGES = sorted((DOCS / "operations").glob("alert-*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.stem)
def test_a_page_is_listed_and_ends_with_what_shows_that_it_is_mended(page: Path) -> None:
    text = page.read_text("utf-8")
    listed = (DOCS / "monitoring.md").read_text("utf-8")
    name = alert_name(page.stem.removeprefix("alert-"))
    *_, mended = text.split("\n## ")

    assert f"[`{name}`](operations/{page.name})" in listed
    assert mended.startswith("Mended when\n\n```sh\n")
    assert re.search(r"^```sh\n(kubectl|hubble|transire|promtool) ", mended, re.MULTILINE)
