"""In which cluster of a mesh a pod is, where rules ask for it and the question leaves it open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.policy_repository import run

KEY = "io.cilium.k8s.policy.cluster"
API, WEST = "pod:shop/app=api:8080", f"pod:shop/app=api,{KEY}=west:8080"
BY_DEFAULT = "{toEndpoints: [{matchLabels: {app: api}}]}"
IN_WEST = f"{{toEndpoints: [{{matchLabels: {{app: api, {KEY}: west}}}}]}}"
IN_EAST = f"{{toEndpoints: [{{matchLabels: {{app: api, 'k8s:{KEY}': east}}}}]}}"
NOT_WEST = (
    "{toEndpoints: [{matchLabels: {app: api}, "
    f"matchExpressions: [{{key: {KEY}, operator: NotIn, values: [west]}}]}}]}}"
)
ANY = (
    "{toEndpoints: [{matchLabels: {app: api}, "
    f"matchExpressions: [{{key: {KEY}, operator: Exists}}]}}]}}"
)


def note(cluster: str) -> str:
    return (
        f"the cluster of the pod of shop is not given, so it is taken to be {cluster}; rules here "
        "ask for io.cilium.k8s.policy.cluster"
    )


def explained(
    root: Path, rule: str, to: str, *, engine: str, cluster: str = "east", subject: str = "app: web"
) -> tuple[str, list[str]]:
    """The verdict, and the texts of the notes on assumed clusters."""
    (root / "policy.yaml").write_text(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        "metadata: {name: a, namespace: shop}\n"
        f"spec:\n  endpointSelector: {{matchLabels: {{{subject}}}}}\n  egress: [{rule}]\n"
    )
    (root / "cluster.json").write_text(json.dumps({"cluster_name": cluster}))
    words = ("explain", "-f", "policy.yaml", "--cluster", "cluster.json", "--engine", engine)
    done = run(root, *words, "--format", "json", "--from", "shop/app=web", "--to", to)
    found = json.loads(done.out)
    notes = [each["text"] for each in found["caveats"] if each["id"] == "assumed-cluster"]
    return found["verdict"], notes


@pytest.mark.parametrize(
    ("engine", "rule", "to", "expected"),
    [
        ("cilium@1.18", IN_WEST, API, ("deny", [note("east")])),
        ("cilium@1.19", IN_WEST, API, ("deny", [note("east")])),
        ("cilium@1.18", NOT_WEST, API, ("allow", [note("east")])),
        ("cilium@1.18", IN_EAST, API, ("allow", [note("east")])),
        ("cilium@1.18", IN_WEST, WEST, ("allow", [])),
        ("cilium@1.18", NOT_WEST, WEST, ("deny", [])),
        ("cilium@1.18", IN_WEST, "203.0.113.7:443", ("deny", [])),
    ],
)
def test_a_destination_whose_cluster_is_left_open_is_noted_where_rules_ask_for_it(
    engine: str, rule: str, to: str, expected: tuple[str, list[str]], tmp_path: Path
) -> None:
    assert explained(tmp_path, rule, to, engine=engine) == expected


@pytest.mark.parametrize(
    ("engine", "rule", "west"),
    [
        ("cilium@1.18", BY_DEFAULT, "allow"),
        ("cilium@1.19", BY_DEFAULT, "deny"),
        ("cilium@1.18", ANY, "allow"),
        ("cilium@1.18", "{toEntities: [cluster]}", "deny"),
    ],
)
def test_rules_that_name_no_cluster_need_no_note(
    engine: str, rule: str, west: str, tmp_path: Path
) -> None:
    assert explained(tmp_path, rule, API, engine=engine) == ("allow", [])
    assert explained(tmp_path, rule, WEST, engine=engine) == (west, [])


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [("default", ("allow", [note("default")])), ("east", ("deny", [])), ("west", ("allow", []))],
)
def test_a_source_is_in_the_cluster_that_is_judged_and_only_its_name_may_be_open(
    cluster: str, expected: tuple[str, list[str]], tmp_path: Path
) -> None:
    subject = f"app: web, {KEY}: east"
    rule = "{toCIDR: [198.51.100.0/24]}"
    found = explained(
        tmp_path, rule, "203.0.113.7:443", engine="cilium@1.19", cluster=cluster, subject=subject
    )

    assert found == expected


def test_a_source_and_a_destination_of_one_namespace_are_noted_once(tmp_path: Path) -> None:
    subject = f"app: web, {KEY}: east"
    found = explained(
        tmp_path, IN_WEST, API, engine="cilium@1.19", cluster="default", subject=subject
    )

    assert found == ("allow", [note("default")])
