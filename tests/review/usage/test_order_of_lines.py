"""What logs come to is the same in whatever order their lines are, and in however many files."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from support.flowlogs import COREDNS_LINES, DNS_LINE, ENTERPRISE, WHISKER
from support.paths import ROOT
from support.review.diffed_example import AS_OF, organisation
from support.synthetic_logs import Reach, World, address, written
from transire.api import AUDIT_FORMATS, BACKTEST_FORMATS
from transire.commands.audit import audit
from transire.commands.backtest import backtest
from transire.commands.learn import learn
from transire.commands.named_targets import targets_named
from transire.commands.read_logs import read_logs
from transire.review.usage import sightings as module
from transire.review.usage.entries import Fit, Fits, entries_of
from transire.values.load import load

SEEDS = range(3)


def log_lines() -> list[str]:
    """Flows with names and without, of pods alike and not, lookups, other formats, and faults."""
    source = random.Random(5)
    hosts = ["api.stripe.com", "a.storage.example.net", "b.storage.example.net", "x.example.org"]
    reaches = [
        Reach(namespace="payments-prod", app=app, host=host, port=port,
              addresses=(address(source), "45.0.0.1"))
        for app in ("checkout", "fraud", "mailer")
        for host in hosts
        for port in (443, 8443)
    ]  # fmt: skip
    world = World(cluster="prod-eu", days=3, passed=tuple(reaches[::2]),
                  denied=tuple(reaches[1::2]), noise=1.0, cut=0.4)  # fmt: skip
    made = written(world, 5, a_day=2).lines
    others = [*map(json.dumps, (DNS_LINE, ENTERPRISE, WHISKER)), COREDNS_LINES[1][0], "hello there"]
    elsewhere = [made[0].replace("prod-eu", "kind-kind"), made[1].replace('"2026-', '"2016-')]
    return [*made, *others, *elsewhere, *made[::7], '{"flow":{"time":"2026']


def files(lines: list[str], folder: Path, seed: int) -> list[Path]:
    """The lines in another order and, but for the first seed, in several files."""
    source = random.Random(seed)
    source.shuffle(lines)
    count = seed + 1
    paths = [folder / f"{seed}-{each}.log" for each in range(count)]
    for at, path in enumerate(paths):
        path.write_text("".join(f"{line}\n" for line in lines[at::count]), encoding="utf-8")
    return paths


def without_places(document: str) -> dict[str, Any]:
    """The document without the files and the numbers of lines that were not read."""
    tree: dict[str, Any] = json.loads(document)
    unread = tree["coverage"].pop("unread")
    tree["notRead"] = sum(each["count"] for each in unread)
    for entry in tree.get("entries", ()):
        entry["why"] = [each for each in entry["why"] if "were not read" not in each]
    return tree


def audited(paths: list[Path]) -> dict[str, Any]:
    found = audit(ROOT, paths, teams="payments", cluster="prod-eu", days=2)
    return without_places(AUDIT_FORMATS["json"](found))


def learnt(paths: list[Path]) -> dict[str, Any]:
    return without_places(learn(ROOT, paths, teams="payments", cluster="prod-eu").to_json())


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("command", [audited, learnt], ids=["audit", "learn"])
def test_order_and_files_make_no_difference(command: Any, tmp_path: Path) -> None:  # noqa: ANN401
    lines = log_lines()
    found = [command(files(lines, tmp_path, seed)) for seed in SEEDS]

    assert found[0]["notRead"] == 2
    assert found[0]["coverage"]["duplicates"] > 0
    assert json.dumps(found[0]) == json.dumps(found[1]) == json.dumps(found[2])


@pytest.mark.slow("both sides of a change are rendered")
def test_order_and_files_make_no_difference_to_backtest(tmp_path: Path) -> None:
    root, lines = organisation(tmp_path / "work"), log_lines()
    found = []
    for seed in SEEDS[:2]:
        paths = files(lines, tmp_path, seed)
        done = backtest(root, paths, base="main", cluster="prod-eu", as_of=AS_OF)
        found.append(without_places(BACKTEST_FORMATS["json"](done)))

    assert found[0]["passed"] > 0
    assert json.dumps(found[0]) == json.dumps(found[1])


@pytest.mark.parametrize("limit", [60, 20])
def test_details_that_a_limit_takes_are_taken_from_all(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = log_lines()
    whole = read_logs(files(lines, tmp_path, 0))[0]
    monkeypatch.setattr(module, "LIMIT", limit)
    found = [read_logs(files(lines, tmp_path, seed))[0] for seed in SEEDS]
    kinds = [sorted(map(repr, each.found())) for each in found]

    assert kinds[0] == kinds[1] == kinds[2]
    assert found[0].merged == found[1].merged == found[2].merged > whole.merged == 0
    assert {each.names for each in found[0].found()} <= {each.names for each in whole.found()}


def test_flows_that_differ_in_names_alone_fit_as_if_looked_at_one_by_one(tmp_path: Path) -> None:
    sightings, _ = read_logs(files(log_lines(), tmp_path, 0))
    targets = targets_named(load(ROOT, None), ("payments",), "prod-eu")
    entries = [each for target, traits in targets.values()
               for each in entries_of(target, traits, everyone=True)]  # fmt: skip
    fits = Fits(entries)

    seen = set()
    for each in sightings.found():
        expected = {entry: fit for entry in entries if (fit := entry.fit(each)) is not Fit.NO}
        assert fits.of(each) == expected
        seen |= set(expected.values())
    assert seen == {Fit.MAYBE, Fit.YES}
