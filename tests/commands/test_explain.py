"""`transire explain` as a person and as a script runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import needs
from support.draw.mixed_questions import lines
from support.policy_repository import Ran, copy_example, run

POLICY = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: shop, namespace: shop}
spec:
  endpointSelector: {}
  egress:
  - toCIDR: [198.51.100.0/24]
    toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

PRUNED = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: typo, namespace: shop}
spec:
  endpointSelector: {}
  egress:
  - toFQDN: [{matchName: api.example.com}]
    toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return file


def test_a_flow_is_explained_for_people(policy: Path) -> None:
    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium@1.19",
        "--from", "shop/app=web", "--to", "198.51.100.7:443",
    )  # fmt: skip

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [
        "allow: shop/app=web to 198.51.100.7 on 443/TCP",
        "  decided by: CiliumNetworkPolicy shop/shop, /spec/egress/0",
    ]


def test_without_a_version_the_answer_says_which_was_taken(policy: Path) -> None:
    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium", "--format", "json",
        "--from", "shop", "--to", "198.51.100.7:80",
    )  # fmt: skip

    answer = json.loads(ran.out)
    assert (ran.code, answer["verdict"], answer["decided_by"]) == (0, "deny", None)
    assert {
        "id": "newest-version",
        "text": "no version was named, so this is how cilium@1.20 judges",
    } in answer["caveats"]


def test_pruned_fields_are_named_with_what_is_left(policy: Path) -> None:
    policy.write_text(f"{POLICY}---\n{PRUNED}", encoding="utf-8")

    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium@1.19",
        "--format", "json", "--from", "shop", "--to", "203.0.113.9:443",
    )  # fmt: skip

    answer = json.loads(ran.out)
    assert answer["verdict"] == "allow"
    assert answer["pruned"] == [{"manifest": 1, "path": "/spec/egress/0/toFQDN"}]
    assert answer["decided_by"] == {
        "kind": "CiliumNetworkPolicy",
        "namespace": "shop",
        "name": "typo",
        "rule": "/spec/egress/0",
    }


def test_many_queries_give_a_line_each_in_order(policy: Path) -> None:
    lines = [
        {"id": "a", "from": "shop/app=web", "to": "198.51.100.7:443"},
        {"id": "b", "from": "shop/app=web", "to": "203.0.113.9:443"},
        {
            "id": "c",
            "source": {"namespace": "other"},
            "query": {"kind": "connect", "ip": "203.0.113.9", "port": 443, "protocol": "TCP"},
        },
    ]
    (policy.parent / "queries.jsonl").write_text(
        "\n".join(map(json.dumps, lines)), encoding="utf-8"
    )

    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium@1.19",
        "--queries", "queries.jsonl", "--format", "json",
    )  # fmt: skip

    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [(each["id"], each["verdict"]) for each in answers] == [
        ("a", "allow"),
        ("b", "deny"),
        ("c", "allow"),
    ]


SHARED = (
    "import transire.commands.explain_many as a; a._ENOUGH, a._PART = 1, 500;"
    "from transire.cli import main; main()"
)


@pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)
@pytest.mark.parametrize("last", ["", '{"id": "x"}\n', '{"id": "x", "from": "shop", "to": "a"}\n'])
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_file_is_answered_alike_by_several_processes(policy: Path, last: str, form: str) -> None:
    queries = policy.parent / "queries.jsonl"
    queries.write_text("".join([*lines(300), last]), encoding="utf-8")
    words = (
        "explain", "-f", "policy.yaml", "--engine", "cilium", "--format", form,
        "--queries", "queries.jsonl",
    )  # fmt: skip

    alone = run(policy.parent, *words)
    together = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHARED, *words],
        cwd=policy.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert alone.out.count("newest-version") == 300
    assert (alone.code, alone.out, alone.err) == (
        together.returncode, together.stdout, together.stderr,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)
def test_what_is_wrong_with_the_objects_is_said_alike(policy: Path) -> None:
    (policy.parent / "queries.jsonl").write_text("".join(lines(10)), encoding="utf-8")
    policy.write_text("- a\n---\nkey: [\n", encoding="utf-8")
    words = ("explain", "-f", "policy.yaml", "--engine", "cilium", "--queries", "queries.jsonl")

    alone = run(policy.parent, *words)
    together = subprocess.run(
        [sys.executable, "-c", SHARED, *words],
        cwd=policy.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (alone.code, alone.err) == (together.returncode, together.stderr)
    assert "document 1 holds something else than an object" in alone.err


def test_what_cannot_be_judged_is_said_and_exits_3(policy: Path) -> None:
    policy.write_text(
        POLICY.replace("toCIDR: [198.51.100.0/24]", "toGroups: [{aws: {region: eu}}]"),
        encoding="utf-8",
    )

    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium@1.19",
        "--format", "json", "--from", "shop", "--to", "203.0.113.9:443",
    )  # fmt: skip

    answer = json.loads(ran.out)
    assert (ran.code, answer["verdict"], answer["decided_by"]) == (3, "unjudgeable", None)
    assert "toGroups" in answer["reason"]


def test_a_cluster_file_says_who_owns_an_address(policy: Path) -> None:
    cluster = {
        "pods": [{"namespace": "shop", "name": "db", "labels": {}, "ips": ["198.51.100.9"]}],
        "namespace_labels": {"shop": {}},
    }
    (policy.parent / "cluster.json").write_text(json.dumps(cluster), encoding="utf-8")

    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium@1.19",
        "--cluster", "cluster.json", "--format", "json",
        "--from", "shop", "--to", "198.51.100.9:443",
    )  # fmt: skip

    assert json.loads(ran.out)["verdict"] == "deny"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--engine", "cilium@1.19", "--from", "shop", "--to", "nonsense"),
            "name a target, a cluster of values/platform.yaml, or files with an engine",
        ),
        (
            ("-f", "policy.yaml", "--engine", "cilium@1.19", "--from", "shop"),
            "ask with --from and --to, or with --queries",
        ),
        (
            ("-f", "policy.yaml", "--engine", "weave", "--from", "shop", "--to", "a.example:1"),
            "there is no engine 'weave'; the engines are cilium, calico, calico-enterprise, kubernetes",
        ),
        (
            ("-f", "policy.yaml", "--engine", "cilium@9", "--from", "shop", "--to", "a.example:1"),
            "'9' is not a version such as 1.19 or 1.18.4",
        ),
    ],
)
def test_a_question_that_is_none_is_a_usage_error(
    policy: Path, words: tuple[str, ...], message: str
) -> None:
    ran = run(policy.parent, "explain", *words)

    assert ran.code == 2
    assert message in ran.err


def test_manifests_that_are_none_are_rejected_by_file_and_document(policy: Path) -> None:
    policy.write_text(f"{POLICY}---\n- a\n---\nkey: [\n", encoding="utf-8")

    ran = run(
        policy.parent, "explain", "-f", "policy.yaml", "--engine", "cilium@1.19",
        "--from", "shop", "--to", "203.0.113.9:443",
    )  # fmt: skip

    assert ran.code == 1
    assert "policy.yaml:10:1: error: document 2 holds something else than an object" in ran.err
    assert "policy.yaml:12:1: error: document 3 is not YAML" in ran.err


@pytest.mark.slow("long runs in a repository")
def test_a_target_is_that_of_the_team_whose_values_have_it(tmp_path: Path) -> None:
    copy_example(tmp_path)
    assert run(tmp_path, "generate", "--as-of", "2026-11-23").code == 0
    (tmp_path / "values/teams/ledger.yaml").write_text("team: [", encoding="utf-8")
    words = ("explain", "--target", "payments-prod.prod-eu", "--from", "payments-prod", "--to")
    other, moved = (tmp_path / f"charts/teams/{each}/targets" for each in ("factory", "payments"))

    asked = run(tmp_path, *words, "time.example.com:123/UDP")
    shutil.copy(moved / "payments-prod.prod-eu.yaml", other)
    twice = run(tmp_path, *words, "time.example.com:123/UDP")
    (moved / "payments-prod.prod-eu.yaml").unlink()
    elsewhere = run(tmp_path, *words, "time.example.com:123/UDP")
    nonsense = run(tmp_path, "explain", "--target", "x" * 300, *words[3:], "time.example.com:123")

    assert (asked.code, asked.out) == (0, twice.out)
    assert elsewhere.code == nonsense.code == 1
    assert "values/teams/ledger.yaml:2:1: error" in elsewhere.err


@pytest.mark.slow("long runs in a repository")
def test_a_target_of_ours_is_judged_with_its_baseline(tmp_path: Path) -> None:
    copy_example(tmp_path)
    assert run(tmp_path, "generate", "--as-of", "2026-11-23").code == 0

    ran = run(
        tmp_path, "explain", "--target", "payments-prod.prod-eu", "--format", "json",
        "--from", "payments-prod/app=checkout", "--to", "time.example.com:123/UDP",
    )  # fmt: skip
    (tmp_path / "queries.jsonl").write_text("".join(lines(300)), encoding="utf-8")
    words = ("explain", "--target", "payments-prod.prod-eu", "--queries", "queries.jsonl")
    alone = run(tmp_path, *words)
    together = subprocess.run(
        [sys.executable, "-c", SHARED, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    unknown = run(
        tmp_path, "explain", "--target", "nowhere.prod-eu",
        "--from", "payments-prod", "--to", "time.example.com:123/UDP",
    )  # fmt: skip

    decided = json.loads(ran.out)["decided_by"]
    assert decided["kind"] == "CiliumClusterwideNetworkPolicy"
    assert decided["name"] == "egress-baseline-allow-time"
    assert (alone.code, alone.out) == (together.returncode, together.stdout)
    assert alone.out.count("because:") == 300
    assert unknown.code == 2
    assert (
        "there is no target 'nowhere.prod-eu'; the targets are analytics.prod-onprem,"
        in unknown.err
    )


NETS = """\
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: default.a, namespace: shop}
spec:
  types: [Egress]
  egress: [{action: Allow, destination: {nets: [api.example.com]}}]
"""


def natively(root: Path, *words: str, engine: str = "calico@3.33") -> Ran:
    (root / "policy.yaml").write_text(NETS)
    flow = ("--from", "shop", "--to", "203.0.113.7:443")
    return run(root, "explain", "-f", "policy.yaml", "--engine", engine, *flow, *words)


def test_native_definitions_take_what_the_api_server_of_calico_refuses(tmp_path: Path) -> None:
    left_out, native = natively(tmp_path), natively(tmp_path, "--definitions", "native")
    served = natively(tmp_path, "--definitions", "api-server")

    assert native.out.startswith("allow: shop to 203.0.113.7 on 443/TCP\n")
    assert "native-definitions" not in native.out
    assert "(net-dropped)" in native.out
    assert "refused by the api-server" in served.out
    assert "refused by the api-server" in left_out.out


def test_definitions_of_two_places_have_to_agree(tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text('{"definitions": "api-server"}')
    ran = natively(tmp_path, "--cluster", "cluster.json", "--definitions", "native")
    same = natively(tmp_path, "--cluster", "cluster.json", "--definitions", "api-server")

    assert (ran.code, same.code) == (2, 0)
    assert "cluster.json has definitions api-server, and --definitions is native" in ran.err


def test_definitions_are_refused_where_the_engine_has_none(tmp_path: Path) -> None:
    cilium = natively(tmp_path, "--definitions", "native", engine="cilium@1.19")
    old = natively(tmp_path, "--definitions", "native", engine="calico@3.31")

    assert (cilium.code, old.code) == (2, 2)
    assert "--definitions is native, and the API of cilium is served in one way only" in cilium.err
    assert "this release of calico has no native definitions, as it is too old" in old.err
