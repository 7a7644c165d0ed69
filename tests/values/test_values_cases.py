"""Each case is a folder: values with mistakes, and every word that people read about them.

A case stands on `base/values`, whose files it replaces or adds to.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from transire.model.problems import Rejected
from transire.values.load import load_files
from transire.values.value_files import find

HERE = Path(__file__).parent
CASES = sorted(path for path in (HERE / "cases").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_every_mistake_is_named_with_its_place_and_what_to_do(
    case: Path, update_golden: bool
) -> None:
    given = find(case)
    base = {} if case.name == "base" else find(HERE / "base").files
    with pytest.raises(Rejected) as caught:
        load_files({**base, **given.files}, given.problems)
    said = f"{caught.value}\n"
    expected = case / "problems.txt"
    if update_golden:
        expected.write_text(said, "utf-8")

    assert expected.read_text("utf-8") == said


def test_the_cases_stand_on_sound_values() -> None:
    assert load_files(find(HERE / "base").files).platform.clusters[0].name == "prod-eu"
