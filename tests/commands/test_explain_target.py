"""Questions about a target: where names are asked, what is delegated, what audit would drop."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import Ran, copy_example, edit, run


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("explain") / "policies")
    edit(root, "values/platform.yaml", "dns: {profile: coredns}", "dns: {profile: aks-localdns}")
    assert run(root, "generate").code == 0
    return root


def explained(root: Path, target: str, source: str, to: str) -> Ran:
    return run(root, "explain", "--target", target, "--from", source, "--to", to)


def test_names_are_asked_where_the_dns_profile_declares(root: Path) -> None:
    ran = explained(root, "ledger.prod-onprem", "ledger/app=ledger", "rates.example.org:443")

    assert ran.code == 0
    assert ran.out.startswith("allow: ledger/app=ledger to rates.example.org on 443/TCP\n")
    assert (
        "  note: names are taken to be asked at the DNS pods of openshift-dns, port 5353, as dns "
        "profile openshift of cluster prod-onprem declares (declared-resolver)\n"
    ) in ran.out


def test_a_listed_host_is_allowed_where_a_cache_on_the_node_resolves_it(root: Path) -> None:
    ran = explained(root, "ledger.prod-eu", "ledger/app=ledger", "rates.example.org:443")

    assert ran.out.startswith("allow: ")
    assert "names are taken to be asked at 169.254.10.1, port 53, as dns profile" in ran.out


def test_a_delegated_host_says_who_decides(root: Path) -> None:
    ran = explained(root, "ledger.staging", "ledger/app=ledger", "rates.example.org:443")
    unlisted = explained(root, "ledger.staging", "ledger/app=ledger", "unlisted.example.org:443")

    assert ran.out.startswith("deny: ")
    assert (
        "  note: rule 'exchange-rates' lists rates.example.org, which is delegated to proxy "
        "egress-proxy/app=squid:3128: pods ask for it there, and what is there decides "
        "(delegated-host)\n"
    ) in ran.out
    assert "delegated-host" not in unlisted.out


def test_a_target_in_audit_says_what_enforcement_would_do(root: Path) -> None:
    target, source = "payments-staging.staging", "payments-staging/app=checkout"
    dropped = explained(root, target, source, "unwanted.example.net:443")

    assert dropped.out.startswith("allow: ")
    assert (
        "  note: the target is in audit, which blocks nothing; once enforced this is denied: no "
        "rule matches, and the tier egress ends in deny for the pods that its policies select, "
        "here NetworkPolicy payments-staging/egress.deny (audit-mode)\n"
    ) in dropped.out


def test_a_pod_of_another_namespace_is_not_judged_by_objects_that_are_not_its_own(
    root: Path,
) -> None:
    ran = explained(root, "ledger.prod-eu", "payments-prod/app=x", "rates.example.org:443")

    assert ran.code == 3
    assert ran.out.splitlines() == [
        "unjudgeable: payments-prod/app=x to rates.example.org on 443/TCP",
        (
            "  because: the target ledger.prod-eu governs pods of ledger alone, so of a pod of "
            "payments-prod nothing is known; ask with --target payments-prod.prod-eu"
        ),
    ]


@pytest.mark.parametrize("entity", ["kube-apiserver", "nodes"])
def test_an_entity_is_no_host(root: Path, entity: str) -> None:
    ran = explained(root, "payments-prod.prod-eu", "payments-prod/app=x", f"{entity}:6443")

    assert ran.code == 3
    assert (
        f"  because: {entity} is an entity of the values and no host; ask for its address, with "
        "--cluster FILE where a cluster file tells which it is\n"
    ) in ran.out
