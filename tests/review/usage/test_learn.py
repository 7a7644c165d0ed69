"""`learn` on clusters that never were: the true hosts, with their pods and ports, and no others."""

from __future__ import annotations

import json
import random
from pathlib import Path

import jsonschema
import pytest
import yaml

from support.paths import ROOT
from support.policy_repository import git, run
from support.review.diffed_example import AS_OF, copy, organisation
from support.synthetic_logs import Reach, World, address, written
from transire.api import check, redacted
from transire.commands.backtest import backtest
from transire.commands.learn import learn

NAMESPACE = "payments-prod"
TEAM = "values/teams/payments.yaml"
APPS = ("checkout", "settlement", "ledger-export", "fraud", "mailer")
DOMAINS = ("partner.example.com", "bank.example.org", "mail.example.net")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


def drawn(seed: int) -> tuple[World, set[tuple[str, str, int]]]:
    """A world, and what of it no entry allows: app, host and port."""
    source = random.Random(seed)
    shared = [address(source) for _ in range(3)]
    truths: set[tuple[str, str, int]] = set()
    passed: list[Reach] = []
    denied: list[Reach] = []
    for app in APPS:
        for place in range(source.randrange(1, 5)):
            host = f"h{source.randrange(10**4)}-{place}.{source.choice(DOMAINS)}"
            port = source.choice([443, 443, 443, 8443, 5671])
            truths.add((app, host, port))
            where = source.choice([(source.choice(shared),), (address(source), address(source))])
            reach = Reach(namespace=NAMESPACE, app=app, host=host, port=port, addresses=where)
            (passed if source.random() < 0.6 else denied).append(reach)
    known = [("checkout", "api.stripe.com"), ("fraud", "x.y.storage.example.net")]
    passed += [
        Reach(namespace=NAMESPACE, app=app, host=host, port=443, addresses=(address(source),))
        for app, host in known
    ]
    world = World(cluster="prod-eu", days=4, passed=tuple(passed), denied=tuple(denied), noise=1.5)
    return world, truths


def log(world: World, folder: Path, seed: int) -> Path:
    path = folder / "events.log"
    lines = written(world, seed, a_day=4).lines
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("given", [0, 1, 2, None], ids=str)
def test_it_proposes_the_true_hosts_with_their_pods_and_ports(
    given: int | None, tmp_path: Path
) -> None:
    # Without one, each run draws another; what fails shows it, to be given here.
    seed = random.SystemRandom().randrange(10**9) if given is None else given
    world, truths = drawn(seed)
    found = learn(ROOT, log(world, tmp_path, seed), cluster="prod-eu")

    assert {
        (dict(each.labels)["app"], host.host, port)
        for each in found.learnt.proposals
        for host in each.hosts
        for port, _ in each.ports
    } == truths, seed
    assert {each.targets for each in found.learnt.proposals} == {("payments-prod.prod-eu",)}
    assert {each.id for each in found.problems} <= {"port-not-allowed"}
    assert found.learnt.passed_over["allowed already"] > 0


@pytest.mark.slow("long runs in a repository")
def test_the_patch_applies_and_nothing_of_the_log_is_blocked_after_it(
    root: Path, tmp_path: Path
) -> None:
    world, truths = drawn(7)
    path = log(world, tmp_path, 7)
    done = run(root, "learn", str(path), "--cluster", "prod-eu")
    (tmp_path / "learnt.patch").write_text(done.out, encoding="utf-8")
    git(root, "apply", str(tmp_path / "learnt.patch"))
    values = yaml.safe_load((root / TEAM).read_text("utf-8"))
    learnt = [each for each in values["egress"] if each["name"].startswith("learnt-")]
    after = backtest(root, path, base="main", cluster="prod-eu", as_of=AS_OF)

    assert done.code == 1
    assert "port 5671/TCP of 'learnt-" in done.err
    assert {
        (each["from"]["app"], host, int(port.partition("/")[0]))
        for each in learnt
        for host in each["to"]
        for port in each["ports"]
    } == truths
    assert {tuple(each["clusters"]) for each in learnt} == {("prod-eu",)}
    assert after.blocked == 0
    assert after.denied == sum(e.count for e in after.affected if e.effect.value == "newly passing")


@pytest.mark.slow("long runs in a repository")
def test_written_is_what_the_patch_has_and_passes_the_check(root: Path, tmp_path: Path) -> None:
    path = log(of_hosts("a.partner.example.com", "b.bank.example.org"), tmp_path, 7)
    before = (root / TEAM).read_text("utf-8")
    printed = run(root, "learn", str(path), "--cluster", "prod-eu")
    kept = (root / TEAM).read_text("utf-8")
    done = run(root, "learn", str(path), "--cluster", "prod-eu", "--write")
    assert run(root, "generate", "--base", "main", "--as-of", str(AS_OF)).code == 0

    assert kept == before != (root / TEAM).read_text("utf-8")
    assert done.out == f"wrote {TEAM}\n"
    added = [
        line[1:] for line in printed.out.splitlines() if line.startswith("+") and line[1] != "+"
    ]
    assert set(added) <= set((root / TEAM).read_text("utf-8").splitlines())
    assert [
        each for each in check(root, as_of=AS_OF, base="main") if each.level.value == "error"
    ] == []


def test_each_host_has_its_evidence_beside_it(tmp_path: Path) -> None:
    world = World(
        cluster="prod-eu",
        days=2,
        passed=(Reach(namespace=NAMESPACE, app="fraud", host="a.partner.example.com", port=443,
                      addresses=("45.0.0.1",)),),
        denied=(),
        noise=1.0,
    )  # fmt: skip
    found = learn(ROOT, log(world, tmp_path, 1), cluster="prod-eu")
    ((host,),) = [each.hosts for each in found.learnt.proposals]

    assert f"+      - a.partner.example.com  # {host.text}" in found.patch.splitlines()
    assert host.text == f"seen {host.count} times by 1 workload, last 2026-06-02"
    assert "+    reason: learnt from logs of 2026-06-01 to 2026-06-02" in found.patch.splitlines()


def of_hosts(*hosts: str, port: int = 443) -> World:
    return World(
        cluster="prod-eu",
        days=2,
        passed=tuple(
            Reach(namespace=NAMESPACE, app="fraud", host=host, port=port, addresses=("45.0.0.1",))
            for host in hosts
        ),
        denied=(),
        noise=1.0,
    )


def test_a_wildcard_is_proposed_on_request_and_never_over_strangers(tmp_path: Path) -> None:
    hosts = [
        f"{name}.{parent}" for name in "abc" for parent in ("eu.partner.example.com", "github.io")
    ]
    path = log(of_hosts(*hosts), tmp_path, 1)
    plain = learn(ROOT, path, cluster="prod-eu")
    asked = learn(ROOT, path, cluster="prod-eu", wildcards=True)

    assert {e.host for each in plain.learnt.proposals for e in each.hosts} == set(hosts)
    assert {e.host: e.names for each in asked.learnt.proposals for e in each.hosts} == {
        "*.eu.partner.example.com": tuple(f"{name}.eu.partner.example.com" for name in "abc"),
        **{f"{name}.github.io": () for name in "abc"},
    }


def test_a_bundle_that_has_the_host_is_used(tmp_path: Path) -> None:
    world = of_hosts("api.github.com", "other.example.com")
    found = learn(ROOT, log(world, tmp_path, 1), cluster="prod-eu")

    # The team of the example lists the bundle for all of its pods already.
    assert [each.bundle for each in found.learnt.proposals] == [""]
    assert found.learnt.passed_over["allowed already"] > 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"egress_denied_by": [{"name": "deny-partner"}], "drop_reason_desc": "POLICY_DENY"},
         "denied by a rule, on purpose"),
        ({"destination": {"namespace": "ledger", "labels": []}}, "inside the cluster"),
        ({"destination_names": ["api.partner.svc.cluster.local"]},
         "inside the cluster, or no host's name"),
        ({"destination_names": ["-bad.partner.example.com"]},
         "inside the cluster, or no host's name"),
        ({"l4": {"TCP": {}}}, "without a port"),
        ({"l4": {"ICMPv4": {"type": 8}}}, "without a port"),
        ({"destination_names": []}, "without a name"),
        ({"l4": None}, "without a port"),
        ({"source": {"namespace": NAMESPACE, "cluster_name": "prod-eu"}},
         "without labels of the pod"),
        ({"source": {"namespace": "nobodys", "labels": ["k8s:app=x"]}}, "of no target"),
    ],
    ids=str,
)  # fmt: skip
def test_what_nothing_is_proposed_of_is_counted(
    change: dict[str, object], why: str, tmp_path: Path
) -> None:
    path = log(of_hosts("a.partner.example.com"), tmp_path, 1)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines = [
        line for line in lines if line["flow"].get("destination_names") == ["a.partner.example.com"]
    ]
    for line in lines:
        line["flow"].update({"verdict": "DROPPED", **change})
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    found = learn(ROOT, path, cluster="prod-eu")

    assert found.learnt.proposals == ()
    assert found.learnt.passed_over == {why: len(lines)}
    assert found.patch == ""


def test_what_targets_of_other_teams_do_is_counted_as_such(tmp_path: Path) -> None:
    path = log(of_hosts("a.partner.example.com"), tmp_path, 1)
    found = learn(ROOT, path, teams="ledger")

    assert found.learnt.proposals == ()
    assert found.learnt.passed_over["of targets that are not looked at"] > 0
    assert "of several clusters" not in found.learnt.passed_over


def test_the_json_has_its_shape(tmp_path: Path) -> None:
    schema = ROOT / "generator/transire/review/usage/learn.schema.json"
    found = learn(ROOT, log(drawn(3)[0], tmp_path, 3), cluster="prod-eu")
    document = json.loads(found.to_json())

    jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8"))).validate(document)
    assert document["patch"] == found.patch


def test_redacted_keeps_what_is_proposed_and_no_namespace_of_others(
    root: Path, tmp_path: Path
) -> None:
    world, _ = drawn(11)
    found = learn(root, log(world, tmp_path, 11), cluster="prod-eu")
    hidden = redacted(found)

    assert "monitoring" in found.to_json()
    assert "monitoring" not in hidden.to_json()
    assert hidden.patch == found.patch != ""
