"""Where a report learns what an id means."""

from __future__ import annotations

from collections.abc import Callable

from transire.model.rule_page import RulePage

Explained = Callable[[str], RulePage | None]
"""The page of an id; None where there is none."""
