"""What publishing costs where nothing, ten charts or all of them are new.

One commit after the other, to a real registry on this machine. What is counted is what the registry
was asked and how many charts were packed to be pushed; the time is that of the verb alone.
"""

# ruff: noqa: D103, INP001, S101 - as in tests: names are sentences, asserts keep them honest

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench_proof import TEAMS, organisation

from support.delivery.real_registry import installed, real_registry
from support.policy_repository import edit, git
from transire.api import generate
from transire.charts.oci_artifact import Artifact
from transire.commands.publish import publish as publishing
from transire.commands.publish.publish import RegistryOptions, publish
from transire.delivery.registry.auth import Access
from transire.delivery.registry.http import Requested, Response
from transire.delivery.registry.result import ChartState, Published

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = installed

NEW = 10
ROUNDS = 3
OTHERS = 3
"""Charts of the platform, which are published besides the teams'."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """All teams committed, and nothing published."""
    root = organisation(tmp_path_factory.mktemp("organisation"), TEAMS)
    with real_registry(tmp_path_factory.mktemp("registry")) as host:
        edit(root, "values/platform.yaml", "registry.example.com", host)
        generate(root)
        git(root, "init", "--quiet", "--initial-branch=main")
        commit(root)
        yield root


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "change")


def published(root: Path) -> Published:
    options = RegistryOptions(plain_http=True, environment={})
    return publish(root, options=options, base="main")


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What was done since the last round began."""
    done: Counter[str] = Counter()
    ask, packed = Access.ask, publishing.packed

    def asked(
        access: Access, what: Requested, *, repository: str, writes: bool = False
    ) -> Response:
        done["requests"] += 1
        return ask(access, what, repository=repository, writes=writes)

    def pack(files: Mapping[str, bytes]) -> Artifact:
        done["packed"] += 1
        return packed(files)

    monkeypatch.setattr(Access, "ask", asked)
    monkeypatch.setattr(publishing, "packed", pack)
    return done


def measured(
    benchmark: BenchmarkFixture,
    root: Path,
    counts: Counter[str],
    prepare: Callable[[int], None],
    rounds: int,
) -> Published:
    """The last of some rounds, each on a commit of its own."""
    numbers = iter(range(rounds))

    def commit_one() -> None:
        prepare(next(numbers))
        commit(root)
        counts.clear()

    done: Published = benchmark.pedantic(published, args=(root,), setup=commit_one, rounds=rounds)
    benchmark.extra_info.update(counts)
    return done


def test_all_are_new(benchmark: BenchmarkFixture, root: Path, counts: Counter[str]) -> None:
    done = measured(benchmark, root, counts, lambda _: None, 1)

    assert len(done.those(ChartState.PUBLISHED)) == counts["packed"] == TEAMS + OTHERS


def test_nothing_is_new(benchmark: BenchmarkFixture, root: Path, counts: Counter[str]) -> None:
    done = measured(benchmark, root, counts, lambda _: None, ROUNDS)

    assert done.those(ChartState.PUBLISHED) == ()
    assert counts == {"requests": TEAMS + OTHERS}


def test_ten_are_new(benchmark: BenchmarkFixture, root: Path, counts: Counter[str]) -> None:
    def change(number: int) -> None:
        names = [f"team-{number * NEW + each:04}" for each in range(NEW)]
        for name in names:
            edit(root, f"values/teams/{name}.yaml", "host7.", "another.")
        generate(root, teams=names, base="main")

    done = measured(benchmark, root, counts, change, ROUNDS)

    assert len(done.those(ChartState.PUBLISHED)) == counts["packed"] == NEW
