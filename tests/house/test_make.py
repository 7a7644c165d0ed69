"""The commands of the Makefile: what each runs, and what a change must pass."""

from __future__ import annotations

import subprocess

import pytest

from support.paths import ROOT


def dry_run(*targets: str) -> list[str]:
    """The lines that these targets run, in order, without running them."""
    done = subprocess.run(
        [
            "make",
            "--no-print-directory",
            "--dry-run",
            "--old-file",
            "none/.ready",
            "VENV=none",
            *targets,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [each.strip() for each in done.stdout.splitlines()]


def planned(*targets: str) -> list[str]:
    """The programs of .venv that these targets run, in order."""
    ours = [each for each in dry_run(*targets) if each.startswith("none/bin/")]
    return [each.removeprefix("none/bin/") for each in ours if "pip install" not in each]


TESTS = "pytest -n auto --dist worksteal"
SOURCES = "generator tests bench"
DOCS = [
    "tests/engines/test_capability_table.py",
    "tests/commands/test_rules.py",
    "tests/values/test_manual.py",
]
CHECKS = [
    f"ruff format --check {SOURCES}",
    f"ruff check {SOURCES}",
    "mypy",
    "lint-imports",
]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("test", [TESTS]),
        ("test-fast", [f'{TESTS} -m "not slow"']),
        ("check", [*CHECKS, f'{TESTS} -m "not slow"']),
        ("format", [f"ruff check --fix {SOURCES}", f"ruff format {SOURCES}"]),
        ("golden", [f"{TESTS} --update-golden"]),
        ("docs", [f"pytest -q --update-golden {' '.join(DOCS)}"]),
    ],
)
def test_a_target_runs_exactly_this(target: str, expected: list[str]) -> None:
    assert planned(target) == expected


def test_mutants_are_all_of_them_or_those_that_are_named() -> None:
    assert dry_run("mutants") == ["PYTHONPATH=tests none/bin/python -m support.mutants"]
    assert dry_run("mutants", "MUTANTS=egress-tier") == [
        "PYTHONPATH=tests none/bin/python -m support.mutants egress-tier"
    ]


def test_what_a_change_must_pass_is_every_check_and_all_tests() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    made = [each.removeprefix("make ") for each in script if each.startswith("make ")]

    e2e = "pytest -n 2 --dist loadgroup tests/e2e"
    assert planned(*" ".join(made).split()) == [*CHECKS, TESTS, e2e]


def test_pages_are_written_by_the_tests_that_are_marked_so() -> None:
    marked = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "pytest.mark.docs" in path.read_text(encoding="utf-8") and path.name != "test_make.py"
    }

    assert marked == set(DOCS)
