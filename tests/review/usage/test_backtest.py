"""`backtest` against a log whose truth is known, and against `explain`, flow by flow."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from support.paths import ROOT
from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, copy, organisation
from support.synthetic_logs import Reach, World, address, written
from transire.api import BACKTEST_FORMATS, explain, redacted
from transire.commands.backtest import backtest, backtest_exit_code
from transire.review.usage.backtest import Backtest, Effect

TEAM = "values/teams/payments.yaml"
TARGET = "payments-prod.prod-eu"
NAMESPACE = "payments-prod"
CHECKOUT = [("api.stripe.com", 443), ("files.stripe.com", 443), ("a.b.storage.example.net", 443)]
OTHERS = [("other.example.org", 443), ("api.stripe.com", 8443), ("storage.example.net", 443)]
APPS = ("checkout", "settlement", "batch")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


def world(seed: int, *, passed: bool = True) -> World:
    """Every app reaches for every place; what passed in the log is drawn."""
    source = random.Random(seed)
    reaches = [
        Reach(namespace=NAMESPACE, app=app, host=host, port=port, addresses=(address(source),))
        for app in APPS
        for host, port in CHECKOUT + OTHERS
    ]
    chosen = [each for each in reaches if passed and source.random() < 0.5]
    return World(
        cluster="prod-eu",
        days=3,
        passed=tuple(chosen),
        denied=tuple(each for each in reaches if each not in chosen),
        noise=1.0,
    )


def log(of: World, folder: Path, seed: int = 1) -> tuple[Path, Counter[tuple[str, str, str, int]]]:
    found = written(of, seed, a_day=4)
    path = folder / "events.log"
    path.write_text("".join(f"{line}\n" for line in found.lines), encoding="utf-8")
    return path, found.passed + found.denied


def held_against(root: Path, path: Path, base: str = "main") -> Backtest:
    return backtest(root, path, base=base, cluster="prod-eu", as_of=AS_OF)


def effects(found: Backtest) -> dict[tuple[str, str, int | None], Effect]:
    return {
        (each.origin.workload.partition("/")[2], each.place, each.port): each.effect
        for each in found.affected
    }


def allowed(root: Path, of: World) -> dict[tuple[str, str, int], bool]:
    """What `explain` has of each flow."""
    reaches = [*of.passed, *of.denied]
    questions = [
        (f"{each.namespace}/app={each.app}", f"{each.host}:{each.port}") for each in reaches
    ]
    answers = explain(questions, root=root, target=TARGET)
    return {
        (each.app, each.host, each.port): answer.verdict.value == "allow"
        for each, answer in zip(reaches, answers, strict=True)
    }


@pytest.mark.slow("repositories are generated and flows looked up one by one")
@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_explain_flow_by_flow(root: Path, tmp_path: Path, seed: int) -> None:
    of = world(seed)
    path, _ = log(of, tmp_path, seed)
    before = allowed(root, of)
    edit(
        root,
        TEAM,
        "to: [api.stripe.com, files.stripe.com]",
        "to: [api.stripe.com, other.example.org]",
    )
    edit(root, TEAM, '"**.storage.example.net"', "storage.example.net")
    found = held_against(root, path)
    assert run(root, "generate", "--as-of", str(AS_OF)).code == 0
    after = allowed(root, of)

    expected = {}
    for each in of.passed:
        key = each.app, each.host, each.port
        if not after[key]:
            expected[key] = Effect.BLOCKED if before[key] else Effect.BLOCKED_BEFORE
    for each in of.denied:
        key = each.app, each.host, each.port
        if after[key]:
            expected[key] = Effect.OPENED
    assert before != after
    assert {Effect.BLOCKED, Effect.OPENED} <= set(expected.values())
    assert effects(found) == expected


def test_counts_are_those_of_the_log(root: Path, tmp_path: Path) -> None:
    of = world(5)
    path, counts = log(of, tmp_path, 5)
    found = held_against(root, path)

    assert found.passed == sum(counts[(NAMESPACE, e.app, e.host, e.port)] for e in of.passed)
    assert found.denied == sum(counts[(NAMESPACE, e.app, e.host, e.port)] for e in of.denied)
    for each in found.affected:
        app = each.origin.workload.partition("/")[2]
        assert each.port is not None
        assert each.count == counts[(NAMESPACE, app, each.place, each.port)]


def test_a_change_of_nothing_blocks_nothing(root: Path, tmp_path: Path) -> None:
    path, _ = log(world(2), tmp_path, 2)
    found = held_against(root, path)

    assert found.blocked == 0
    assert Effect.BLOCKED not in effects(found).values()
    assert backtest_exit_code(found) == 0


@pytest.mark.slow("long runs in a repository")
def test_the_way_out_of_audit_is_tested_while_audit_lasts(root: Path, tmp_path: Path) -> None:
    edit(root, TEAM, "payments-prod: [prod-eu, prod-onprem]",
         "payments-prod: {clusters: [prod-eu, prod-onprem], mode: audit}")  # fmt: skip
    assert run(root, "generate", "--as-of", str(AS_OF)).code == 0
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "audit")
    path, _ = log(replace(world(3), denied=()), tmp_path, 3)
    during = held_against(root, path, "HEAD")
    edit(root, TEAM, "prod-onprem], mode: audit}", "prod-onprem], mode: enforce}")
    after = held_against(root, path, "HEAD")

    assert set(effects(during).values()) == {Effect.BLOCKED_LATER}
    assert set(effects(after).values()) == {Effect.BLOCKED}
    assert effects(during).keys() == effects(after).keys() != set()
    assert backtest_exit_code(during) == backtest_exit_code(after) == 1


def test_without_labels_what_depends_on_them_is_unknown(root: Path, tmp_path: Path) -> None:
    path, _ = log(replace(world(4), denied=()), tmp_path, 4)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        if line["flow"]["source"].get("namespace") == NAMESPACE:
            line["flow"]["source"].pop("labels")
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    found = held_against(root, path)
    unknown = {key for key, effect in effects(found).items() if effect is Effect.UNKNOWN}

    assert {place for _, place, _ in unknown} == {"api.stripe.com", "files.stripe.com"}
    assert "a.b.storage.example.net" not in {place for _, place, _ in effects(found)}
    assert backtest_exit_code(found) == 3


@pytest.mark.slow("long runs in a repository")
def test_every_form_begins_with_the_sentence(root: Path, tmp_path: Path) -> None:
    of = world(2)
    path, _ = log(replace(of, passed=(*of.passed, *of.denied), denied=()), tmp_path, 2)
    edit(root, TEAM, "to: [api.stripe.com, files.stripe.com]", "to: [files.stripe.com]")
    done = run(root, "backtest", str(path), "--base", "main", "--cluster", "prod-eu",
               "--as-of", str(AS_OF))  # fmt: skip
    found = held_against(root, path)
    schema = ROOT / "generator/transire/review/usage/backtest.schema.json"
    document = json.loads(BACKTEST_FORMATS["json"](found))

    assert done.code == 1
    assert done.out == BACKTEST_FORMATS["text"](found)
    assert done.out.splitlines()[0] == document["verdict"]
    assert document["verdict"].startswith(f"{found.blocked} of {found.passed} flows of ")
    assert BACKTEST_FORMATS["markdown"](found).startswith("**")
    jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8"))).validate(document)


@pytest.mark.parametrize("content", ["", "hello\n", '{"flow":{"time":\n'])
def test_a_log_of_nothing_is_no_proof(root: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "empty.log").write_text(content, encoding="utf-8")

    assert backtest_exit_code(held_against(root, tmp_path / "empty.log")) == 3


def test_redacted_names_no_workload_and_no_host_that_neither_side_lists(
    root: Path, tmp_path: Path
) -> None:
    edit(root, TEAM, "to: [api.stripe.com, files.stripe.com]", "to: [api.stripe.com]")
    path, _ = log(world(3), tmp_path)
    found = held_against(root, path)
    hidden = redacted(found)

    assert {each.place for each in found.affected} >= {"files.stripe.com", "other.example.org"}
    assert (hidden.blocked, hidden.counts) == (found.blocked, found.counts)
    for form in BACKTEST_FORMATS.values():
        shown = form(hidden).replace("\\", "")
        assert "files.stripe.com" in shown
        assert "workload-1" in shown
        for name in ("other.example.org", "checkout", "settlement-", "monitoring"):
            assert name not in shown


@pytest.mark.slow("long runs in a repository")
def test_the_comment_of_a_change_has_the_sentence_of_its_backtest(
    root: Path, tmp_path: Path
) -> None:
    edit(root, TEAM, "to: [api.stripe.com, files.stripe.com]", "to: [api.stripe.com]")
    path, _ = log(world(3), tmp_path)
    words = ("--base", "main", "--as-of", str(AS_OF))
    kept = tmp_path / "backtest.json"
    looked = run(root, "backtest", str(path), *words, "--cluster", "prod-eu", "--format", "json")
    kept.write_text(looked.out, encoding="utf-8")
    markdown = run(root, "diff", *words, "--backtest", str(kept), "--format", "markdown")
    text = run(root, "diff", *words, "--backtest", str(kept))
    edit(root, TEAM, "to: [api.stripe.com]", "to: [api.stripe.org]")
    stale = run(root, "diff", *words, "--backtest", str(kept))
    kept.write_text("{}", encoding="utf-8")
    other = run(root, "diff", *words, "--backtest", str(kept))
    sentence = json.loads(looked.out)["verdict"]

    assert sentence.startswith("0 of 37 flows of 2.8 days would be blocked")
    assert f"history: {sentence}" in text.out
    assert f"history: {sentence}" in markdown.out.replace("\\", "")
    assert (stale.code, stale.err) == (
        2,
        f"{kept} is about another change: run `transire backtest` again\n",
    )
    assert (other.code, other.err) == (
        2,
        f"{kept} is not what `transire backtest --format json` prints\n",
    )
