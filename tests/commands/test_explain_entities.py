"""Questions about parts of a cluster that are no pods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.policy_repository import Ran, copy_example, run

OPERATOR = "payments-prod/app=settlement-operator"
NO_ADDRESS = (
    "  note: no address of kube-apiserver is given: the verdict is for one that no range names "
    "(entity-address)\n"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("entities") / "policies")
    assert run(root, "generate").code == 0
    return root


def explained(root: Path, target: str, source: str, to: str, *more: str) -> Ran:
    return run(root, "explain", "--target", target, "--from", source, "--to", to, *more)


@pytest.mark.parametrize("cluster", ["prod-eu", "prod-onprem"])
def test_the_api_server_is_allowed_by_the_rule_that_names_it(root: Path, cluster: str) -> None:
    target = f"payments-prod.{cluster}"
    ran = explained(root, target, OPERATOR, "entity:kube-apiserver:6443")

    assert ran.code == 0
    assert ran.out.startswith(f"allow: {OPERATOR} to entity kube-apiserver on 6443/TCP\n")
    assert "leader-election" in ran.out
    assert NO_ADDRESS in ran.out


@pytest.mark.parametrize("source", ["payments-prod/app=checkout", "batch"])
def test_the_api_server_is_denied_to_whom_no_rule_gives_it(root: Path, source: str) -> None:
    ran = explained(root, "payments-prod.prod-eu", source, "entity:kube-apiserver:6443")

    assert ran.code == 0
    assert ran.out.startswith("deny: ")
    assert "  because: no rule allows 6443/TCP to kube-apiserver\n" in ran.out


def test_where_nodes_have_addresses_only_the_ends_of_their_ranges_are_asked(root: Path) -> None:
    ran = explained(root, "identity.edge", "identity/app=x", "entity:nodes:10250")

    assert ran.out.startswith("deny: identity/app=x to entity nodes on 10250/TCP\n")
    assert (
        "  note: the verdict is that at the ends of the declared node ranges: 192.168.50.0, "
        "192.168.50.255 (entity-address)\n"
    ) in ran.out


def test_a_cluster_file_says_what_an_entity_is(root: Path, tmp_path: Path) -> None:
    nodes = [{"name": "cp-1", "ip": "192.168.10.1", "reserved": ["remote-node", "kube-apiserver"]}]
    described = tmp_path / "cluster.json"
    described.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    target, to = "payments-prod.prod-eu", "entity:kube-apiserver:6443"
    ran = explained(root, target, OPERATOR, to, "--cluster", str(described))

    assert ran.out.startswith("allow: ")
    assert (
        "  note: kube-apiserver is cp-1 (192.168.10.1) in the cluster (entity-address)" in ran.out
    )


def test_places_of_an_entity_with_unlike_verdicts_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        "metadata: {name: own, namespace: shop}\n"
        "spec: {endpointSelector: {}, egress: [{toEntities: [host]}]}\n",
        encoding="utf-8",
    )
    words = ("-f", "policy.yaml", "--engine", "cilium@1.19", "--from", "shop/app=web")
    ran = run(tmp_path, "explain", *words, "--to", "entity:nodes:10250")

    assert ran.code == 3
    assert ran.out.splitlines() == [
        "unjudgeable: shop/app=web to entity nodes on 10250/TCP",
        (
            "  because: where nodes is host the verdict is allow, and where it is remote-node it is "
            "deny; give its address with --cluster FILE"
        ),
    ]


def test_an_entity_of_another_name_is_a_usage_error(root: Path) -> None:
    ran = explained(root, "payments-prod.prod-eu", OPERATOR, "entity:internet:443")

    assert ran.code == 2
    assert ran.err.startswith("'internet' in 'entity:internet:443' is no entity; write ")


def test_queries_in_the_long_form_name_entities(root: Path) -> None:
    source = {"namespace": "payments-prod", "labels": {"app": "settlement-operator"}}
    what = {"kind": "connect", "entity": "kube-apiserver", "port": 6443}
    (root / "queries.jsonl").write_text(json.dumps({"id": "1", "source": source, "query": what}))
    words = ("explain", "--target", "payments-prod.prod-eu", "--queries", "queries.jsonl")
    ran = run(root, *words, "--format", "json")

    assert json.loads(ran.out)["verdict"] == "allow"
