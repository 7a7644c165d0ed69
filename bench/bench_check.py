"""How long `check` takes for a whole organisation, and for one team of it.

The whole process is measured, Python's start included, for as many teams as TRANSIRE_BENCH_TEAMS
says; generating them takes far longer. Beside it stands what the same pull request costs where each
target is rendered by the `helm` executable and its values are held against the chart's schema by
another process: that is measured for a few targets, and says how many times as long all would take.
"""

# ruff: noqa: D103, INP001, S101, S603 - as in tests: names are sentences, asserts keep them honest

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench_diff import CHANGED, changed
from bench_proof import TEAMS

from support.policy_repository import Ran
from transire.helm.cli import executable
from transire.model.problems import HelmFailed

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

AS_OF = ("--as-of", "2026-11-23")
SAMPLE = 10


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return changed(tmp_path_factory.mktemp("organisation") / "policies", TEAMS)


def checked(root: Path, *teams: str) -> Ran:
    """What a process of its own says; only that may share the work among others."""
    program = Path(sys.executable).with_name("transire")
    words = [program, "check", *teams, "--base", "main", *AS_OF]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def by_helm_and_a_validator(root: Path) -> float:
    """Seconds for one target in the middle of a few."""
    tool = Path(sys.executable).with_name("check-jsonschema")
    taken = []
    for values in sorted(root.glob("charts/teams/*/targets/*.yaml"))[:SAMPLE]:
        chart, namespace = values.parents[1], values.stem.rpartition(".")[0]
        helm = [executable(), "template", "egress", chart, "--namespace", namespace]
        began = perf_counter()
        subprocess.run([*helm, "--values", values], capture_output=True, check=True)
        schema = ["--schemafile", chart / "values.schema.json"]
        subprocess.run([tool, *schema, values], capture_output=True, check=True)
        taken.append(perf_counter() - began)
    return median(taken)


def test_all_teams_are_checked(benchmark: BenchmarkFixture, root: Path) -> None:
    done = benchmark.pedantic(checked, args=(root,), rounds=3)

    assert (done.code, done.err) == (0, "")
    if benchmark.stats is not None:
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        benchmark.extra_info["MiB of the largest process"] = largest // 1024
        try:
            one = by_helm_and_a_validator(root)
        except HelmFailed as missing:
            benchmark.extra_info["no helm executable to compare with"] = str(missing)
        else:
            ratio = one * 2 * TEAMS / benchmark.stats.stats.median
            benchmark.extra_info["times as fast as helm and a validator"] = round(ratio, 1)


def test_one_team_is_checked(benchmark: BenchmarkFixture, root: Path) -> None:
    done = benchmark.pedantic(checked, args=(root, CHANGED), rounds=5)

    assert (done.code, done.err) == (0, "")
