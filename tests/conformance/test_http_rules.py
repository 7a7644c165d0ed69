"""What Cilium's translation with RE2 made of each recorded request, and Calico's checker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

import pytest

from support import needs
from support.shared_data import shared
from transire.engines.cilium.reading import CiliumReading, read
from transire.flows.flow import Flow
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, HttpRequest, Query, Source

Case = Mapping[str, Any]
CILIUM = shared("conformance/http-cilium.json")
CASES: list[Case] = json.loads(CILIUM.read_text("utf-8")) if CILIUM else []
RELEASES = [Release(engine="cilium", version=Version.parse(each)) for each in ("1.19", "1.20")]
STAGES = {"crd-schema": "api-server", "agent": "engine"}
JUDGED = {"allow": "allow", "deny": "deny", "not-computable": "unjudgeable"}
IN_SETS = [
    each for each in CASES if each["verdict"] in {"allow", "deny"} and "to_ports_extra" not in each
]
"""Contexts of TLS have a part that no set of flows holds."""
WORLD = IPv4Address("198.51.100.10")


def ports(case: Case) -> list[dict[str, Any]]:
    return list(case.get("ports", [{"port": "80", "protocol": "TCP"}]))


def reading(case: Case, release: Release) -> CiliumReading:
    to_ports = {
        "ports": ports(case),
        "rules": {"http": case["rules"]},
        **case.get("to_ports_extra", {}),
    }
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": case["id"], "namespace": "shop"},
        "spec": {
            "endpointSelector": {},
            "egress": [{"toEntities": ["world"], "toPorts": [to_ports]}],
        },
    }
    return read([Manifest(source=case["id"], index=0, body=body)], release, ClusterState(), {})


def query(case: Case) -> Query:
    request = case["request"]
    carried = HttpRequest(
        method=request["method"],
        path=request["path"],
        host=request["host"],
        headers={name.lower(): value for name, value in request["headers"].items()},
    )
    port = int(ports(case)[0]["port"])
    what = Connection(port=port, protocol="TCP", ip=WORLD, request=carried)
    return Query(id=case["id"], source=Source(namespace="shop"), what=what)


@pytest.mark.skipif(not CASES, reason=needs.VERDICTS)
def test_recorded_requests_are_found() -> None:
    assert len(CASES) == 25


@pytest.mark.parametrize("release", RELEASES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=[each["id"] for each in CASES])
def test_cilium_judges_a_request_as_recorded(case: Case, release: Release) -> None:
    found = reading(case, release)
    stages = [each.by for each in found.refused]

    if case["verdict"] == "rejected":
        assert stages == [STAGES[case["rejected_stage"]]]
    else:
        assert stages == []
        assert found.decide(query(case)).verdict == JUDGED[case["verdict"]]


@pytest.mark.parametrize("case", IN_SETS, ids=[each["id"] for each in IN_SETS])
def test_the_set_of_all_flows_holds_a_request_that_a_verdict_allows(case: Case) -> None:
    found = reading(case, RELEASES[0]).flows(PodSet.in_namespace("shop"), PortSet.nothing())

    assert found.contains(flow(case)) == (case["verdict"] == "allow")


UNJUDGED = [each for each in CASES if each["verdict"] == "not-computable"]


@pytest.mark.parametrize("case", UNJUDGED, ids=[each["id"] for each in UNJUDGED])
def test_no_set_stands_for_what_envoy_refuses(case: Case) -> None:
    found = reading(case, RELEASES[0])

    with pytest.raises(Unjudgeable, match="host"):
        found.flows(PodSet.in_namespace("shop"), PortSet.nothing())


def flow(case: Case) -> Flow:
    request = case["request"]
    return Flow(
        source=Workload(namespace="shop"),
        reserved=frozenset({"world"}),
        address=WORLD,
        protocol=Protocol.TCP,
        port=int(ports(case)[0]["port"]),
        method=request["method"],
        path=request.get("path_normalised", request["path"]),
        http_host=request["host"],
        headers={name.lower(): value for name, value in request["headers"].items()},
    )
