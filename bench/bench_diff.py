"""How long a reviewer waits for one changed team, and that it does not depend on the others.

The whole process is measured, Python's start included: once beside few teams, once beside as many
as TRANSIRE_BENCH_TEAMS says. Generating those takes far longer than what is measured.
"""

# ruff: noqa: D103, INP001, S101 - as in tests: names are sentences, asserts keep them honest

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench_proof import TEAMS, organisation

from support.policy_repository import Ran, edit, git, run
from transire.api import generate

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

CHANGED = "team-0007"


def changed(root: Path, teams: int) -> Path:
    """That many teams on `main`, and one host of one of them changed in the working tree."""
    organisation(root, teams)
    generate(root)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "all teams")
    git(root, "switch", "--quiet", "--create", "change")
    edit(root, f"values/teams/{CHANGED}.yaml", "host7.", "another.")
    generate(root, teams=[CHANGED], base="main")
    return root


def reviewed(root: Path) -> Ran:
    return run(root, "diff", "--base", "main")


@pytest.mark.parametrize("teams", [10, TEAMS])
def test_one_changed_team_is_reviewed(
    benchmark: BenchmarkFixture, tmp_path: Path, teams: int
) -> None:
    root = changed(tmp_path, teams)

    done = benchmark.pedantic(reviewed, args=(root,), rounds=5, warmup_rounds=1)

    enrolled = 5  # the platform enrols one namespace on each of its clusters
    targets = 2 * teams + enrolled
    assert done.out.endswith(f"2 of {targets} targets change: 2 incomparable; risk medium\n")
