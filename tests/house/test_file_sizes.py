"""No file of the project is longer than a person reads in one go, and names are apart."""

from __future__ import annotations

from pathlib import Path

from support.paths import ROOT, TESTS

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


def test_every_module_of_tests_has_a_name_of_its_own() -> None:
    apart = TESTS / "e2e"  # which has runs of its own
    named: dict[str, list[Path]] = {}
    for path in TESTS.rglob("test_*.py"):
        if apart not in path.parents:
            named.setdefault(path.name, []).append(path)

    assert [paths for paths in named.values() if len(paths) > 1] == []
