"""The values of the manual are generated, rendered and proved on every engine."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import transire
from support.paths import DOCS


@pytest.mark.slow("every engine is rendered")
def test_the_examples_of_the_manual_are_generated_and_proved(tmp_path: Path) -> None:
    transire.init(tmp_path)
    shutil.rmtree(tmp_path / "values")
    shutil.copytree(DOCS / "examples" / "values", tmp_path / "values")
    as_of = date(2026, 11, 24)

    generated = transire.generate(tmp_path, as_of=as_of)

    assert generated.problems == ()
    assert [each.id for each in transire.check(tmp_path, as_of=as_of)] == ["no-base"]
    written = (tmp_path / "charts/teams/payments/targets").glob("*.yaml")
    assert all("52.218.0.0/17" in each.read_text("utf-8") for each in written)
