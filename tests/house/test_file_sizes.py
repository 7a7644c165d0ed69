"""No file of the project is longer than a person reads in one go."""

from __future__ import annotations

from support.paths import ROOT

MOST_LINES = 400


def test_no_python_file_is_longer_than_the_limit() -> None:
    files = [
        path for each in ("generator", "tests", "bench") for path in (ROOT / each).rglob("*.py")
    ]
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in files
    }

    assert len(lines) > 500
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}
