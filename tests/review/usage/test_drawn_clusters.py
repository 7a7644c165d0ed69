"""Ten clusters that never were, drawn anew for each run: the commands find what is true of them.

Their logs have noise, addresses that several hosts share, names below wildcards, and lines whose
names are cut. What fails shows its seed, to be given to `drawn`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.paths import ROOT
from support.policy_repository import edit, run
from support.review.diffed_example import AS_OF, organisation
from support.synthetic_logs import Log, Reach, World, address, written
from transire.api import explain
from transire.commands.audit import audit
from transire.commands.backtest import backtest
from transire.commands.learn import learn
from transire.flowlogs.record import Outcome
from transire.review.usage import learn as proposing
from transire.review.usage.audit import Standing
from transire.review.usage.backtest import Effect

SEEDS = [random.SystemRandom().randrange(10**9) for _ in range(10)]
NAMESPACE, CLUSTER = "payments-prod", "prod-eu"
TARGET = f"{NAMESPACE}.{CLUSTER}"
DAYS = 4
APPS = ("checkout", "settlement", "ledger-export", "fraud", "mailer")
DOMAINS = ("partner.example.com", "bank.example.org", "mail.example.net")
LISTED = {
    ("card-processing", "api.stripe.com"): "api.stripe.com",
    ("card-processing", "files.stripe.com"): "files.stripe.com",
    ("receipts", "**.storage.example.net"): "{0}.eu.storage.example.net",
}
"""Entries of checkout, each with the host that it reaches for."""
Truth = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A cluster, its log, and what is true: hosts that no entry allows, and entries in use."""

    seed: int
    world: World
    log: Log
    path: Path
    truths: frozenset[Truth]
    used: frozenset[tuple[str, str]]


def drawn(seed: int, folder: Path) -> Drawn:
    source = random.Random(seed)
    shared = tuple(address(source) for _ in range(3))
    unlisted: list[Reach] = []
    for app in APPS:
        for place in range(source.randrange(1, 4)):
            where = source.choice([(source.choice(shared),), (address(source), address(source))])
            where = where if place else shared[:1]
            unlisted.append(Reach(
                namespace=NAMESPACE, app=app, port=source.choice([443, 443, 8443]), addresses=where,
                host=f"h{seed}-{place}-{source.randrange(10**4)}.{source.choice(DOMAINS)}",
            ))  # fmt: skip
    used = frozenset(each for each in sorted(LISTED) if source.random() < 0.6)
    known = [
        Reach(namespace=NAMESPACE, app="checkout", host=LISTED[each].format(name), port=443,
              addresses=(source.choice(shared),))
        for each in sorted(used)
        for name in (range(3) if each[1].startswith("*") else [0])
    ]  # fmt: skip
    passed = [each for each in unlisted if source.random() < 0.6]
    world = World(
        cluster=CLUSTER,
        days=DAYS + 1,
        passed=(*passed, *dict.fromkeys(known)),
        denied=tuple(each for each in unlisted if each not in passed),
        noise=2.5,
        cut=0.3,
    )
    log = written(world, seed, a_day=8)
    path = folder / f"{seed}.log"
    path.write_text("".join(f"{line}\n" for line in log.lines), encoding="utf-8")
    truths = frozenset((each.app, each.host, each.port) for each in unlisted)
    return Drawn(seed=seed, world=world, log=log, path=path, truths=truths, used=used)


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> list[Drawn]:
    folder = tmp_path_factory.mktemp("logs")
    return [drawn(seed, folder) for seed in SEEDS]


def test_the_logs_have_what_makes_it_hard(clusters: list[Drawn]) -> None:
    for each in clusters:
        flows = [json.loads(line)["flow"] for line in each.log.lines]
        own = [flow for flow in flows if flow["source"].get("namespace") == NAMESPACE]
        hosts: dict[str, set[str]] = {}
        for reach in (*each.world.passed, *each.world.denied):
            for to in reach.addresses:
                hosts.setdefault(to, set()).add(reach.host)

        assert each.log.noise > 0.3 * len(each.log.lines), each.seed
        assert any(not flow["destination_names"] for flow in own), each.seed
        assert max(map(len, hosts.values())) > 1, each.seed


def proposed(each: Drawn) -> set[Truth]:
    found = learn(ROOT, each.path, teams="payments", cluster=CLUSTER)
    return {
        (dict(rule.labels).get("app", ""), host.host, port)
        for rule in found.learnt.proposals
        for host in rule.hosts
        for port, _ in rule.ports
    }


def is_true(found: set[Truth], truths: frozenset[Truth]) -> bool:
    """Whether precision and recall are 99 % or better."""
    right = len(found & truths)
    return bool(found) and right >= 0.99 * len(found) and right >= 0.99 * len(truths)


@pytest.mark.slow("many drawn examples")
def test_learn_proposes_the_true_hosts(clusters: list[Drawn]) -> None:
    wrong = {each.seed: proposed(each) ^ each.truths for each in clusters
             if not is_true(proposed(each), each.truths)}  # fmt: skip

    assert wrong == {}


MUTANTS: dict[str, Callable[..., str]] = {
    "everything": lambda *_: "",
    "nothing": lambda *_: "for no reason",
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_learn_that_proposes_everything_or_nothing_would_fail(
    mutant: str, clusters: list[Drawn], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = proposing._Reader  # noqa: SLF001 - the mutant
    monkeypatch.setattr(reader, "_why_not", MUTANTS[mutant])
    busy = next(each for each in clusters if each.used)

    assert not is_true(proposed(busy), busy.truths)


def test_audit_calls_nothing_unused_that_was_used(clusters: list[Drawn]) -> None:
    unused = 0
    for each in clusters:
        found = audit(ROOT, each.path, teams="payments", cluster=CLUSTER, days=DAYS)
        standing = {
            (use.entry.rule.name, use.entry.shown): use.standing
            for use in found.uses
            if use.entry.target.name == TARGET
        }
        assert {one for one, how in standing.items() if how is Standing.USED} == each.used
        unused += sum(how is Standing.UNUSED for how in standing.values())

    assert unused > 0


def allowed(root: Path, reaches: list[Reach]) -> dict[Truth, bool]:
    """What `explain` has of each flow."""
    questions = [(f"{each.namespace}/app={each.app}", f"{each.host}:{each.port}")
                 for each in reaches]  # fmt: skip
    answers = explain(questions, root=root, target=TARGET)
    return {
        (each.app, each.host, each.port): answer.verdict.value == "allow"
        for each, answer in zip(reaches, answers, strict=True)
    }


@pytest.mark.slow("a repository is generated and flows are looked up one by one")
def test_backtest_agrees_with_explain_flow_by_flow(clusters: list[Drawn], tmp_path: Path) -> None:
    root = organisation(tmp_path / "work")
    passed = [reach for each in clusters for reach in each.world.passed]
    denied = [reach for each in clusters for reach in each.world.denied]
    wanted = next(each for each in denied if each.app != "checkout")
    before = allowed(root, [*passed, *denied])
    edit(root, "values/teams/payments.yaml", "to: [api.stripe.com, files.stripe.com]",
         f"to: [api.stripe.com, {wanted.host}]")  # fmt: skip
    edit(
        root,
        "values/teams/payments.yaml",
        "from: {app: checkout}",
        f"from: {{app: {wanted.app}}}",
    )
    found = backtest(
        root, [each.path for each in clusters], base="main", cluster=CLUSTER, as_of=AS_OF
    )
    assert run(root, "generate", "--as-of", str(AS_OF)).code == 0
    after = allowed(root, [*passed, *denied])

    expected = {}
    for each in passed:
        key = each.app, each.host, each.port
        if not after[key]:
            expected[*key, True] = Effect.BLOCKED if before[key] else Effect.BLOCKED_BEFORE
    for each in denied:
        key = each.app, each.host, each.port
        if after[key]:
            expected[*key, False] = Effect.OPENED
    assert {
        (each.origin.workload.partition("/")[2], each.place, each.port,
         each.outcome is not Outcome.DENIED): each.effect
        for each in found.affected
        if each.target == TARGET
    } == expected  # fmt: skip
