"""`docs/start.md` leads to every page, and to nothing that is not there."""

from __future__ import annotations

import re

from support.paths import DOCS
from transire.api import docs

LINKS = set(re.findall(r"\]\(([^)]+)\)", (DOCS / "start.md").read_text("utf-8")))


def test_the_page_leads_to_every_other() -> None:
    """Pages of operations are listed by their own index."""
    files = {f"{each.name}.md" for each in docs() if (DOCS / f"{each.name}.md").is_file()}
    pages = {each for each in files if not each.startswith("operations/")}

    assert pages - LINKS == {"start.md"}


def test_every_link_leads_to_a_page() -> None:
    """By its path from there."""
    assert [each for each in sorted(LINKS) if not (DOCS / each).is_file()] == []
