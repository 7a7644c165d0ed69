"""How many questions the whole of `transire explain --queries` answers in a second.

All questions differ. Each engine judges one namespace of the example organisation; a run with one
question shows what starting takes.
"""

# ruff: noqa: D103, INP001, S101, S603 - as in tests: names are sentences, asserts keep them honest

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.paths import ROOT
from support.policy_repository import PROGRAM

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

QUESTIONS = 300_000
ROUNDS = 3
TARGETS = (
    "payments-prod.prod-eu",
    "payments-prod.prod-onprem",
    "payments-staging.staging",
    "factory.edge",
)


def question(number: int, namespace: str) -> str:
    host = f"host{number}.zone{number % 37}.example.com"
    port = 443 if number % 3 else 8443
    source = f"{namespace}/app=app-{number % 7}"
    return json.dumps({"id": str(number), "from": source, "to": f"{host}:{port}"})


def answered(target: str, queries: Path) -> int:
    """The size of all answers, written to a file as a large run's would be."""
    words = ("explain", "--target", target, "--queries", str(queries), "--format", "json")
    answers = queries.with_suffix(".out")
    with answers.open("wb") as file:
        subprocess.run([sys.executable, "-c", PROGRAM, *words], cwd=ROOT, stdout=file, check=True)
    return answers.stat().st_size


@pytest.mark.parametrize("count", [1, QUESTIONS])
@pytest.mark.parametrize("target", TARGETS)
def test_questions_to_one_namespace(
    benchmark: BenchmarkFixture, tmp_path: Path, target: str, count: int
) -> None:
    queries = tmp_path / "queries.jsonl"
    namespace = target.partition(".")[0]
    lines = (question(number, namespace) for number in range(count))
    queries.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    before = getrusage(RUSAGE_CHILDREN)
    size = benchmark.pedantic(answered, (target, queries), rounds=ROUNDS)
    after = getrusage(RUSAGE_CHILDREN)

    assert size > 100 * count
    if benchmark.stats is not None:
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        benchmark.extra_info["CPU seconds"] = round(used / ROUNDS, 2)
        benchmark.extra_info["answers per second"] = round(count / benchmark.stats.stats.min)
