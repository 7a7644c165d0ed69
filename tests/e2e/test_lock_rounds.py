"""Two runs that start at once, in the long run: more rounds than `make test` has time for."""

from __future__ import annotations

from pathlib import Path

from support.workspace.trees import contents, fresh
from support.workspace.two_runs import WANTED, two_runs

ROUNDS = 1000


def test_two_runs_that_start_at_once_in_a_new_repository_both_succeed(tmp_path: Path) -> None:
    wrong = two_runs(tmp_path, ROUNDS)

    assert wrong == []
    expected = fresh(tmp_path, WANTED)
    assert all(contents(tmp_path / str(number)) == expected for number in range(ROUNDS))
    assert not list(tmp_path.glob("*/.transire/lock"))
