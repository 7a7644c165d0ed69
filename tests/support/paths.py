"""Where the project's own folders are, for tests that read them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
CHARTS = ROOT / "charts"
DOCS = ROOT / "docs"
