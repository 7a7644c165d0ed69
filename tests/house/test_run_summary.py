"""The last lines of a run, with one process and with workers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from support.paths import TESTS
from support.run_summary import left_out_line, skipped_line

pytest_plugins = ("pytester",)

SUITE = """
import pytest

@pytest.mark.skip(reason="no anvil (apt-get install anvil)")
@pytest.mark.parametrize("number", [1, 2])
def test_of_iron(number): ...

def test_of_the_moon():
    pytest.skip("no moon (wait)")

@pytest.mark.xfail(reason="known")
def test_that_fails(): assert False

@pytest.mark.slow("a browser")
def test_with_a_page(): ...

@pytest.fixture
def chromium(): ...

def test_with_a_fixture_that_is_slow(chromium): ...

@pytest.mark.slow("a real registry")
def test_with_a_registry(): ...

@pytest.mark.slow
def test_that_gives_no_reason(): ...

def test_of_nothing(): ...
"""
FILE = "import pytest\npytest.importorskip('no_such_module', reason='no anvil (apt-get install anvil)')"
SKIPPED = "skipped: no anvil (apt-get install anvil): 2 tests and 1 file; no moon (wait): 1 test"
LEFT_OUT = (
    "left out by -m 'not slow': 4 tests (a browser 2, a real registry 1, slow for no reason given 1); "
    "make test runs them"
)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    pytester.makeini("[pytest]\nmarkers = slow(kind): slow\naddopts = -p support.run_summary")
    pytester.makepyfile(test_it=SUITE, test_more=FILE)
    return pytester


def last(suite: pytest.Pytester, number: int, *words: str) -> list[str]:
    return suite.runpytest_subprocess(*words).outlines[-number:]


def test_a_run_ends_with_what_was_skipped(suite: pytest.Pytester) -> None:
    assert last(suite, 1) == [SKIPPED]


@pytest.mark.slow("whole runs of pytest")
@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_markers_leave_out_is_told_by_what_it_needs(
    suite: pytest.Pytester, processes: str
) -> None:
    assert last(suite, 2, "-n", processes, "-m", "not slow") == [LEFT_OUT, SKIPPED]


def test_where_nothing_is_skipped_that_is_told(suite: pytest.Pytester) -> None:
    assert last(suite, 1, "-k", "nothing", "test_it.py") == ["skipped: nothing"]


def test_the_lines_name_reasons_in_order_with_their_numbers() -> None:
    assert skipped_line({"b (do b)": 1, "a (do a)": 3}, {"a (do a)": 2}) == (
        "skipped: a (do a): 3 tests and 2 files; b (do b): 1 test"
    )
    assert skipped_line({}, {}) == "skipped: nothing"
    assert left_out_line({"x": 1}, "not slow") == (
        "left out by -m 'not slow': 1 test (x 1); make test runs them"
    )


KEPT = "support/needs.py"
"""Where the reasons are."""


def reasons() -> Iterator[tuple[str, str]]:
    """Where a test may be skipped, and the expression of its reason."""
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called not in {"pytest.skip", "pytest.mark.skipif", "pytest.importorskip"}:
                continue
            assert isinstance(node, ast.Call)
            named = [each.value for each in node.keywords if each.arg == "reason"]
            given = named or (node.args if called == "pytest.skip" else [])
            where = path.relative_to(TESTS).as_posix()
            yield f"{where}:{node.lineno}", ast.unparse(given[0]) if given else "none"


@pytest.mark.slow("the whole source is read")
def test_every_skip_gives_a_reason_that_is_kept_in_one_place() -> None:
    found = dict(reasons())

    assert len(found) > 30
    assert {
        where: reason
        for where, reason in found.items()
        if not reason.startswith("needs.") and where.partition(":")[0] != KEPT
    } == {}


def test_every_reason_says_how_to_have_the_test_run() -> None:
    text = (TESTS / "support/needs.py").read_text(encoding="utf-8")
    constants = [
        each.value.value
        for each in ast.parse(text).body
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
    ]

    assert len(constants) > 10
    assert [each for each in constants if not str(each).endswith(")")] == []
