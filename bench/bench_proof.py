"""How fast a large team is proved, a thousand teams are rendered and proved, and flows are decided.

A team of 1,000 hosts and 50 wildcards, judged without rendering; teams of 100 hosts and two targets
each (as many as TRANSIRE_BENCH_TEAMS says), read, rendered and proved; verdicts against one
namespace.
"""

# ruff: noqa: D103, INP001, S101 - as in tests: names are sentences, asserts keep them honest

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.engines.lowering_parts import NETWORK, Text, cluster, target
from support.engines.proofs import Told, objects_of, problems_of, texts_of, told
from support.policy_repository import copy_example
from transire.engines.api.reading import Reading
from transire.engines.registry import ENGINES
from transire.pipeline.compile import compile_values
from transire.pipeline.examine import begin_to_examine
from transire.pipeline.plan import plan_files
from transire.pipeline.stamp import stamp_charts
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Query, Source, Verdict

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

TEAMS = int(os.environ.get("TRANSIRE_BENCH_TEAMS", "100"))
HOSTS = [f"host{each}.zone{each % 37}.example{each % 11}.com" for each in range(1000)]
WILD = [f"{'**' if each % 2 else '*'}.wide{each}.example.net" for each in range(50)]
VERSIONS = {"cilium": "1.19", "calico-enterprise": "3.22"}
QUESTIONS = 20_000


@cache
def large_team(engine: str) -> Told:
    egress: list[Text] = [
        {
            "name": f"rule-{number}",
            "from": {"app": f"app-{number % 5}"},
            "to": [*HOSTS, *WILD][number::10],
            "approximate": ["widen"],
        }
        for number in range(10)
    ]
    here = cluster(engine, VERSIONS[engine], network=NETWORK)
    return told(target(here, egress, inCluster="same-namespace"))


@pytest.mark.parametrize("engine", VERSIONS)
def test_proof_of_a_large_team_without_rendering(benchmark: BenchmarkFixture, engine: str) -> None:
    each = large_team(engine)
    texts = texts_of(each)

    assert benchmark(problems_of, each, texts) == ()


def organisation(folder: Path, teams: int) -> Path:
    """The example's platform with that many teams of 100 hosts, each on two clusters."""
    copy_example(folder)
    for path in (*(folder / "values/teams").glob("*.yaml"), folder / "values/exceptions.yaml"):
        path.unlink()
    platform = folder / "values/platform.yaml"
    platform.write_text(platform.read_text().replace("maxHostsPerTeam: 50", "maxHostsPerTeam: 500"))
    for number in range(teams):
        name = f"team-{number:04}"
        hosts = "".join(f"      - host{each}.{name}.example.com\n" for each in range(100))
        (folder / f"values/teams/{name}.yaml").write_text(
            f"apiVersion: transire/v1\nkind: TeamEgress\nteam: {name}\n"
            f"contact: {name}@example.com\nnamespaces:\n  {name}: [prod-eu, prod-onprem]\n"
            f"egress:\n  - name: partners\n    reason: call partners\n    to:\n{hosts}"
        )
    return folder


def rendered_and_proved(root: Path) -> int:
    compiled = compile_values(root, as_of=date(2026, 11, 23))
    stamped = stamp_charts(root, compiled)
    examining = begin_to_examine(compiled, stamped, None)
    plan_files(root, compiled, stamped)
    examined = examining()
    assert examined.problems == ()
    return examined.rendered


def test_many_teams_rendered_and_proved(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    root = organisation(tmp_path, TEAMS)

    count = benchmark(rendered_and_proved, root)

    assert count >= 2 * TEAMS


def reading_of(each: Told) -> Reading:
    release = each.target.cluster.release
    return ENGINES[release.engine].read(objects_of(texts_of(each)), release, ClusterState(), {})


def questions() -> list[Query]:
    return [
        Query(
            id=str(number),
            source=Source(namespace="payments-prod", labels={"app": f"app-{number % 7}"}),
            what=Connection(
                port=443,
                protocol="TCP",
                ip=ip_address("203.0.113.10"),
                host=HOSTS[number % len(HOSTS)],
            ),
        )
        for number in range(QUESTIONS)
    ]


def allowed(reading: Reading, asked: Sequence[Query]) -> int:
    return sum(reading.decide(each).verdict is Verdict.ALLOW for each in asked)


@pytest.mark.parametrize("engine", VERSIONS)
def test_verdicts_against_one_namespace(benchmark: BenchmarkFixture, engine: str) -> None:
    reading, asked = reading_of(large_team(engine)), questions()

    count = benchmark(allowed, reading, asked)

    assert 0 < count < QUESTIONS
    if benchmark.stats is not None:
        benchmark.extra_info["verdicts per second"] = round(QUESTIONS / benchmark.stats.stats.min)
