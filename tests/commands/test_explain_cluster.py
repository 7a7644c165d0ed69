"""Questions about everything on one of our clusters."""

from __future__ import annotations

from pathlib import Path

import pytest

import transire
from support.policy_repository import Ran, copy_example, run

RATES = "rates.example.org:443"
BREAK_GLASS = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: break-glass, namespace: %s}
spec: {endpointSelector: {}, egress: [{toEntities: [world]}]}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("clusters") / "policies")
    assert run(root, "generate").code == 0
    return root


def explained(root: Path, source: str, to: str, *more: str) -> Ran:
    return run(root, "explain", "--from", source, "--to", to, *more)


@pytest.mark.slow("long runs in a repository")
def test_pods_of_every_namespace_are_judged_by_what_governs_them(root: Path) -> None:
    for namespace in ("ledger", "payments-prod", "identity", "batch"):
        here = explained(root, f"{namespace}/app=ledger", RATES, "--cluster", "prod-eu")
        target = (
            f"{namespace}.prod-eu" if namespace != "batch" else "ledger.prod-eu"
        )  # no team publishes to batch
        alone = explained(root, f"{namespace}/app=ledger", RATES, "--target", target)

        assert here.code == 0
        assert here.out == alone.out


def test_a_namespace_that_only_the_platform_enrols_is_a_target(root: Path) -> None:
    here = explained(root, "batch", "time.example.com:123/UDP", "--target", "batch.prod-eu")

    assert here.code == 0
    assert here.out.startswith("allow: ")


def test_a_namespace_in_audit_says_what_enforcement_would_do(root: Path) -> None:
    ran = explained(root, "payments-staging/app=x", "unlisted.example:443", "--cluster", "staging")
    enforced = explained(root, "ledger/app=x", "unlisted.example:443", "--cluster", "staging")

    assert ran.out.startswith("allow: ")
    assert "once enforced this is denied: " in ran.out
    assert enforced.out.startswith("deny: ")
    assert "audit-mode" not in enforced.out


def test_files_are_judged_together_with_the_releases_of_the_cluster(
    root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "break-glass.yaml"
    file.write_text(BREAK_GLASS % "ledger", encoding="utf-8")
    words = ("-f", str(file), "--cluster", "prod-eu")
    before = explained(root, "ledger/app=x", "unlisted.example:443", "--cluster", "prod-eu")
    after = explained(root, "ledger/app=x", "unlisted.example:443", *words)
    other = explained(root, "payments-prod/app=x", "unlisted.example:443", *words)

    assert before.out.startswith("deny: ")
    assert after.out.startswith("allow: ")
    assert "decided by: CiliumNetworkPolicy ledger/break-glass" in after.out
    assert other.out.startswith("deny: ")


def test_of_a_namespace_that_is_not_enrolled_the_files_alone_are_judged(
    root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(BREAK_GLASS % "shop", encoding="utf-8")
    ran = explained(root, "shop/app=x", "203.0.113.7:443", "-f", str(file), "--cluster", "prod-eu")

    assert ran.out.startswith("allow: ")
    assert (
        "  note: namespace shop is not enrolled on cluster prod-eu: the verdict is that of the given "
        "files, and policies of others are not known (not-enrolled)\n"
    ) in ran.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--cluster", "prod-e"),
            (
                "there is no cluster 'prod-e'; the clusters are edge, prod-eu, prod-onprem, "
                "prod-us, staging, and a cluster file is written with a dot or a slash, such as "
                "./prod-e"
            ),
        ),
        (
            ("--cluster", "prod-us", "--target", "ledger.prod-eu"),
            "the target ledger.prod-eu is not on cluster prod-us",
        ),
        (
            ("--cluster", "prod-us", "--target", "ledger.prod-us"),
            (
                "there is no target 'ledger.prod-us'; the targets are analytics.prod-us, "
                "messaging.prod-us, storefront.prod-us, batch.prod-us"
            ),
        ),
        (
            ("--cluster", "prod-us", "-f", "values", "--engine", "calico@3.30"),
            "the engine is calico@3.30, and that of cluster prod-us is cilium@1.17",
        ),
        (
            ("--cluster", "prod-us", "-f", "values", "--engine", "cilium@1.18"),
            "the engine is cilium@1.18, and that of cluster prod-us is cilium@1.17",
        ),
        (("--cluster", "prod-us", "--engine", "cilium@1.17"), "an engine is named for files"),
    ],
)
def test_a_cluster_that_does_not_fit_is_a_usage_error(
    root: Path, words: tuple[str, ...], message: str
) -> None:
    ran = explained(root, "ledger", RATES, *words)

    assert ran.code == 2
    assert ran.err.startswith(message)


@pytest.mark.parametrize("word", ["./cluster.json", "cluster.json", "some/cluster"])
def test_a_word_with_a_dot_or_a_slash_is_a_file(root: Path, word: str) -> None:
    ran = explained(root, "ledger", RATES, "--cluster", word, "--target", "ledger.prod-eu")

    assert ran.code == 2
    assert "cannot be read: " in ran.err


def test_python_asks_about_a_cluster_from_anywhere_in_the_repository(root: Path) -> None:
    [found] = transire.explain([("ledger", RATES)], root=root / "values", cluster="prod-eu")

    assert found.verdict == transire.Verdict.ALLOW


def test_lint_takes_engine_and_declarations_of_a_cluster(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(BREAK_GLASS % "shop", encoding="utf-8")
    named = run(root, "lint", "-f", str(file), "--cluster", "prod-eu")
    other = run(root, "lint", "-f", str(file), "--cluster", "prod-eu", "--engine", "calico@3.30")

    assert named.code in {0, 1}
    assert named.out.splitlines()[-1].startswith(("0 errors", "1 ", "2 ", "no "))
    assert other.code == 2
    assert other.err == "the engine is calico@3.30, and that of cluster prod-eu is cilium@1.19\n"
