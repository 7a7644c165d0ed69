"""Questions about a target: where names are asked, what is delegated, what audit would drop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
        "  note: the target is in audit, which blocks nothing; once enforced this is denied: a rule "
        "of GlobalNetworkPolicy egress.baseline-deny-audit--payments-staging denies it "
        "(audit-mode)\n"
    ) in dropped.out


def test_a_pod_of_another_namespace_is_judged_by_the_objects_of_its_own(root: Path) -> None:
    of_its_target = explained(root, "ledger.prod-eu", "ledger/app=x", "rates.example.org:443")
    elsewhere = explained(root, "payments-prod.prod-eu", "ledger/app=x", "rates.example.org:443")
    enrolled = explained(root, "ledger.prod-eu", "batch/app=x", "rates.example.org:443")

    assert elsewhere.out == of_its_target.out
    assert elsewhere.out.startswith("allow: ")
    assert enrolled.out.startswith("deny: ")


def test_a_pod_of_a_namespace_that_is_not_enrolled_is_not_judged(root: Path) -> None:
    ran = explained(root, "ledger.prod-eu", "shop/app=x", "rates.example.org:443")

    assert ran.code == 3
    assert ran.out.splitlines() == [
        "unjudgeable: shop/app=x to rates.example.org on 443/TCP",
        (
            "  because: namespace shop is not enrolled on cluster prod-eu, so nothing here governs "
            "its pods, and what else does is not known; ask about the cluster's own objects with -f"
        ),
    ]


@pytest.mark.parametrize("entity", ["kube-apiserver", "nodes"])
def test_an_entity_is_no_host(root: Path, entity: str) -> None:
    ran = explained(root, "payments-prod.prod-eu", "payments-prod/app=x", f"{entity}:6443")

    assert ran.code == 3
    assert (
        f"  because: {entity} is an entity of the values and no host; write entity:{entity}:6443\n"
    ) in ran.out


def one_query(root: Path, target: str, to: str, **options: str) -> dict[str, Any]:
    query = {"id": "1", "from": target.partition(".")[0], "to": to, "agent_options": options}
    (root / "queries.jsonl").write_text(json.dumps(query))
    words = ("explain", "--target", target, "--queries", "queries.jsonl", "--format", "json")
    answer: dict[str, Any] = json.loads(run(root, *words).out)
    return answer


WORLD = '{matchLabels: {"reserved:world": ""}}'


def test_the_families_of_a_cluster_decide_what_its_agent_takes_for_the_world(root: Path) -> None:
    deny = root / "charts/egress-policy/templates/cilium.yaml"
    kept = deny.read_text(encoding="utf-8")
    opened = kept.replace("  egress:\n  - {}\n", f"  egress:\n  - toEndpoints: [{WORLD}]\n")
    assert opened != kept
    try:
        for folder in ("charts/egress-policy", *_teams(root)):
            (root / folder / "templates/cilium.yaml").write_text(opened, encoding="utf-8")
        verdicts = {
            target: one_query(root, target, "203.0.113.7:443")["verdict"]
            for target in ("storefront.prod-us", "payments-prod.prod-eu")
        }
    finally:
        for folder in ("charts/egress-policy", *_teams(root)):
            (root / folder / "templates/cilium.yaml").write_text(kept, encoding="utf-8")

    assert verdicts == {"storefront.prod-us": "allow", "payments-prod.prod-eu": "deny"}


def _teams(root: Path) -> list[str]:
    return [f"charts/teams/{each.name}" for each in sorted((root / "charts/teams").iterdir())]


def test_a_query_cannot_change_the_families_that_the_platform_declares(root: Path) -> None:
    answer = one_query(root, "storefront.prod-us", "203.0.113.7:443", **{"enable-ipv6": "true"})

    assert answer["verdict"] == "unjudgeable"
    assert answer["reason"] == (
        "agent_options of the query change enable-ipv6, which is 'false' by what the platform's "
        "file declares of cluster prod-us: IP families IPv4"
    )


def test_a_query_decides_where_the_platform_declares_no_families(root: Path) -> None:
    answer = one_query(root, "payments-prod.prod-eu", "203.0.113.7:443", **{"enable-ipv6": "false"})

    assert answer["verdict"] == "deny"
