"""Requests that reach a pod whose ingress has rules about them: known, and never egress."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.case_files import release
from transire.commands.explain_queries import single_query
from transire.engines.calico.objects.http_match import resolved_path, takes
from transire.engines.calico.open_source import read
from transire.k8s.manifests import Manifest
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection

GETS: dict[str, Any] = {
    "action": "Allow",
    "http": {"methods": ["GET"], "paths": [{"prefix": "/api"}]},
}
END = (
    "; without the sidecar such a rule lets whole connections in, and the verdict is about egress "
    "alone"
)
SIDECAR = (
    "NetworkPolicy ledger/api has rules for requests that reach the pod, at which its sidecar looks"
)


def notes(*rules: dict[str, Any], method: str = "", path: str = "", **spec: Any) -> list[str]:  # noqa: ANN401
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "api", "namespace": "ledger"},
        "spec": {"selector": "app == 'books'", "types": ["Ingress"], "ingress": [*rules], **spec},
    }
    reading = read(
        [Manifest(source="api", index=0, body=body)], release("calico@3.33"), ClusterState()
    )
    asked = single_query("shop", "pod:ledger/app=books:8080", method=method, path=path)
    found = reading.decide(asked)
    assert isinstance(asked.what, Connection)
    assert found.verdict == "allow"
    return [each.text for each in found.caveats if each.id == "ingress-requests"]


def test_a_request_is_let_in_by_a_rule_or_by_none() -> None:
    by = f"{SIDECAR}: that lets GET /api/x in by NetworkPolicy ledger/api at /spec/ingress/0{END}"

    assert notes(GETS, path="/api/x") == [by]
    assert notes(GETS, path="/api-internal") == [
        f"{SIDECAR}: that does not let GET /api-internal in{END}"
    ]


def test_without_a_request_or_a_sure_result_the_rules_are_named_alone() -> None:
    passing = {"action": "Pass"}

    assert notes(GETS) == [f"{SIDECAR}{END}"]
    assert notes(passing, GETS, path="/api") == [f"{SIDECAR}{END}"]


def test_other_pods_and_policies_without_such_rules_are_not_noted() -> None:
    assert notes(GETS, path="/api", selector="app == 'other'") == []
    assert notes({"action": "Allow"}, path="/api") == []


@pytest.mark.parametrize(
    ("path", "resolved"),
    [
        ("/a//b/./c/../d/", "/a/b/d"),
        ("/%2e%2e/a", "/a"),
        ("/a\\..\\b", "/b"),
        ("/a;x=1/..;y/b", "/b"),
        ("/", "/"),
        ("/%252e", None),
    ],
)
def test_paths_are_resolved_once(path: str, resolved: str | None) -> None:
    assert resolved_path(path) == resolved


def test_what_is_escaped_twice_fits_nothing_and_stars_are_any_method() -> None:
    every = {"methods": ["*"], "paths": [{"prefix": "/"}]}

    assert takes(every, "BREW", "/x?y", resolved=True)
    assert not takes(every, "GET", "/%252e", resolved=True)
    assert takes({"paths": [{"exact": "/a"}]}, "GET", "/a?x=1", resolved=False)
    assert not takes({"methods": ["GET"]}, "get", "/", resolved=True)
