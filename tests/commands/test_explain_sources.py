"""Verdicts about rules for pods of a service account, or with conditions on labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import Ran, copy_example, edit, run

RULE = """egress:
  - name: sorted
    reason: sort what comes in
    from:
      - labels: {app: sorter}
        matchExpressions: [{key: track, operator: NotIn, values: [canary]}]
        serviceAccount: sorter
      - labels: {app: picker}
    to: [{namespace: archive}]
    ports: [8443]
"""
TARGETS = ("ledger.prod-eu", "ledger.prod-onprem", "ledger.staging")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("explain") / "policies")
    edit(root, "values/teams/ledger.yaml", "egress:\n", RULE)
    assert run(root, "generate").code == 0
    return root


def explained(root: Path, target: str, source: str) -> Ran:
    to = "pod:archive:8443"
    return run(root, "explain", "--target", target, "--from", source, "--to", to)


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("target", TARGETS)
def test_all_of_an_entry_has_to_hold_and_entries_add_up(root: Path, target: str) -> None:
    verdicts = {
        source: explained(root, target, source).out.partition(":")[0]
        for source in (
            "ledger/app=sorter@sorter",
            "ledger/app=sorter,track=stable@sorter",
            "ledger/app=sorter,track=canary@sorter",
            "ledger/app=sorter@default",
            "ledger/app=other@sorter",
            "ledger/app=picker@default",
            "ledger/app=picker@sorter",
        )
    }

    assert verdicts == {
        "ledger/app=sorter@sorter": "allow",
        "ledger/app=sorter,track=stable@sorter": "allow",
        "ledger/app=sorter,track=canary@sorter": "deny",
        "ledger/app=sorter@default": "deny",
        "ledger/app=other@sorter": "deny",
        "ledger/app=picker@default": "allow",
        "ledger/app=picker@sorter": "allow",
    }


@pytest.mark.parametrize("target", TARGETS)
def test_without_an_account_nothing_is_allowed_because_of_one(root: Path, target: str) -> None:
    ran = explained(root, target, "ledger/app=sorter")

    assert not ran.out.startswith("allow: ")


def test_the_account_is_part_of_what_is_printed(root: Path) -> None:
    ran = explained(root, "ledger.prod-eu", "ledger/app=sorter@sorter")

    assert ran.out.startswith("allow: ledger/app=sorter@sorter to pods of archive on 8443/TCP\n")
    assert "assumed-account" not in ran.out
