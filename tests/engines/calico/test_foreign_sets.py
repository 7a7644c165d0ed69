"""A set that nobody gave may turn a verdict, which then names the rule that finds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.engines.lowering_parts import Text
from support.policy_repository import run

OPEN: list[Text] = [
    {"namespaceSelector": "all()", "selector": "use == 'partners'"},
    {"namespaceSelector": "env == 'prod'", "selector": "use == 'partners'"},
    {"namespaceSelector": "kubernetes.io/metadata.name == 'partners'"},
    {"namespaceSelector": "global()", "selector": "use == 'partners'"},
    {"namespaceSelector": "global()"},
    {"namespaceSelector": "all()", "notSelector": "use == 'partners'"},
    {"namespaceSelector": "all()", "selector": "!has(projectcalico.org/orchestrator)"},
    {"namespaceSelector": "all()", "selector": "transire/set == 'x'"},
]
CLOSED: list[Text] = [
    {"selector": "use == 'partners'"},
    {
        "namespaceSelector": "all()",
        "selector": "projectcalico.org/orchestrator == 'k8s' && a == 'b'",
    },
    {"namespaceSelector": "projectcalico.org/name == 'shop'", "selector": "use == 'x'"},
    {"namespaceSelector": "all()", "serviceAccounts": {"names": ["web"]}},
]


POLICY = """\
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  types: [Egress]
  egress:
"""
TEXT = (
    "NetworkPolicy shop/a: /spec/egress/0 may select a set of addresses that is not given, and "
    "then this may differ"
)


def caveats(root: Path, destination: Text, to: str, *more: str) -> list[str]:
    rule = json.dumps({"action": "Allow", "destination": destination})
    (root / "policy.yaml").write_text("---\n".join([f"{POLICY}  - {rule}\n", *more]))
    flow = ("--from", "shop", "--to", to, "--format", "json")
    ran = run(root, "explain", "-f", "policy.yaml", "--engine", "calico@3.33", *flow)
    answer = json.loads(ran.out)
    return [each["text"] for each in answer["caveats"] if each["id"] == "not-given"]


@pytest.mark.parametrize("destination", OPEN, ids=str)
def test_a_verdict_names_the_rule_that_a_set_could_turn(destination: Text, tmp_path: Path) -> None:
    assert caveats(tmp_path, destination, "203.0.113.7:443") == [TEXT]


@pytest.mark.parametrize("destination", CLOSED, ids=str)
def test_a_verdict_has_no_such_note_where_no_set_can_turn_it(
    destination: Text, tmp_path: Path
) -> None:
    assert caveats(tmp_path, destination, "203.0.113.7:443") == []


def test_a_rule_about_the_pods_of_the_resolver_is_not_about_sets(tmp_path: Path) -> None:
    resolver = {
        "namespaceSelector": "kubernetes.io/metadata.name == 'kube-system'",
        "selector": "k8s-app == 'kube-dns'",
    }

    assert caveats(tmp_path, resolver, "203.0.113.7:443") == []


@pytest.mark.slow("long runs in a repository")
def test_a_set_that_is_given_is_judged(tmp_path: Path) -> None:
    given = (
        "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\n"
        "metadata: {name: p, labels: {use: partners}}\nspec: {nets: [203.0.113.0/24]}\n"
    )
    wanted: Text = {"namespaceSelector": "global()", "selector": "use == 'partners'"}

    assert caveats(tmp_path, wanted, "203.0.113.7:443", given) == []
    assert caveats(tmp_path, wanted, "198.51.100.7:443", given) == [TEXT]
