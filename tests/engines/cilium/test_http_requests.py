"""Verdicts about one request, and the words for them."""

from __future__ import annotations

from typing import Any

import pytest

from transire.commands.explain_queries import single_query
from transire.engines.cilium.reading import read
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Decision

RELEASE = Release(engine="cilium", version=Version.parse("1.19"))
POLICY = "CiliumNetworkPolicy shop/p"
ITEMS = {"method": "GET", "path": r"/v1/items/[^/?]+(\?.*)?"}


def decided(http: list[dict[str, Any]] | None, *more: dict[str, Any], **request: str) -> Decision:
    group: dict[str, Any] = {"ports": [{"port": "80", "protocol": "TCP"}]}
    rules = {} if http is None else {"rules": {"http": http}}
    egress = [{"toEntities": ["world"], "toPorts": [{**group, **rules}]}, *more]
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"endpointSelector": {}, "egress": egress},
    }
    query = single_query("shop", "198.51.100.7:80", **request)
    reading = read([Manifest(source="p", index=0, body=body)], RELEASE, ClusterState(), {})
    return reading.decide(query)


def test_a_request_that_fits_passes_and_the_reason_names_it() -> None:
    found = decided([ITEMS], path="/v1//items/7?x=1")

    assert (found.verdict, found.reason) == (
        "allow",
        f"{POLICY} allows 80/TCP to 198.51.100.7 (the world), and GET /v1//items/7?x=1",
    )
    assert [each.id for each in found.caveats] == []


def test_without_a_request_the_connection_is_judged_and_that_is_noted() -> None:
    found = decided([ITEMS])

    assert found.verdict == "allow"
    assert [each.id for each in found.caveats] == ["l7-not-judged"]


@pytest.mark.parametrize("path", ["/v1/items/7/x", "/v1/items/../admin", "/V1/items/7"])
def test_a_request_that_fits_no_rule_is_denied(path: str) -> None:
    found = decided([ITEMS], path=path)

    assert (found.verdict, found.reason) == (
        "deny",
        f"{POLICY} and the rules for the same port let no request through that is GET {path}",
    )


def test_a_path_with_an_escaped_slash_is_redirected_whatever_the_rules_are() -> None:
    found = decided([{"path": "/.*"}], path="/a%2Fb")

    assert (found.verdict, found.reason) == (
        "deny",
        (
            f"the proxy of {POLICY} redirects a path with an escaped slash, and lets GET /a%2Fb "
            "through to nobody"
        ),
    )


def test_an_expression_that_is_not_modelled_gives_no_verdict_unless_another_rule_fits() -> None:
    strange = {"path": r"/\bx"}
    found = decided([strange], path="/x")

    assert found.verdict == "unjudgeable"
    assert found.reason.startswith(f"{POLICY}: the path '/\\\\bx' is not modelled")
    assert decided([strange, {"path": "/x"}], path="/x").verdict == "allow"


def test_a_rule_for_the_whole_connection_to_another_peer_lets_every_request_pass() -> None:
    ports = [{"ports": [{"port": "80", "protocol": "TCP"}]}]
    plain = {"toCIDR": ["198.51.100.0/24"], "toPorts": ports}

    assert decided([ITEMS], plain, method="DELETE").verdict == "allow"
    assert decided(None, method="DELETE").verdict == "allow"


@pytest.mark.parametrize("mismatch", ["LOG", "ADD", "DELETE", "REPLACE"])
def test_a_header_match_with_a_mismatch_refuses_nothing(mismatch: str) -> None:
    match = {"name": "X-Team", "value": "a"}

    assert (
        decided([{"headerMatches": [{**match, "mismatch": mismatch}]}], path="/").verdict == "allow"
    )
    assert decided([{"headerMatches": [match]}], path="/").verdict == "deny"


@pytest.mark.parametrize("path", ["/" + "a" * 120, "/(abc|abd)" + "x" * 100])
def test_an_expression_that_envoy_refuses_leaves_nothing_known_of_the_pod(path: str) -> None:
    found = decided([ITEMS, {"path": path}], path="/v1/items/7")

    assert (found.verdict, found.reason) == (
        "unjudgeable",
        (
            f"{POLICY}: envoy refuses every rule of the pod for the path {path[:80]!r}, an "
            "expression of more than 100 steps"
        ),
    )


@pytest.mark.parametrize("path", ["/" + "a" * 90, "/(abc|abd)*" + "x?" * 30, "^/" + "a" * 120])
def test_an_expression_that_envoy_may_take_is_judged(path: str) -> None:
    assert decided([ITEMS, {"path": path}], path="/v1/items/7").verdict == "allow"
