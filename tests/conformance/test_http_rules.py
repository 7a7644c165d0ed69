"""What Cilium's translation with RE2 made of each recorded request, and Calico's checker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

import pytest

from support import needs
from support.engines.case_files import documents, release
from support.shared_data import shared
from transire.engines.calico.open_source import read as read_calico
from transire.engines.calico.reading import CalicoReading
from transire.engines.cilium.reading import CiliumReading, read
from transire.flows.flow import Flow
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.model.problems import Unjudgeable
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState, Pod
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


def reading(case: Case, on: Release) -> CiliumReading:
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
    return read([Manifest(source=case["id"], index=0, body=body)], on, ClusterState(), {})


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


@pytest.mark.parametrize("on", RELEASES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=[each["id"] for each in CASES])
def test_cilium_judges_a_request_as_recorded(case: Case, on: Release) -> None:
    found = reading(case, on)
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


CALICO = shared("conformance/http-calico.json")
INGRESS: list[Case] = json.loads(CALICO.read_text("utf-8")) if CALICO else []
CLUSTER = shared("conformance/calico.cluster.json")
RECORDED = [
    (case, each, verdict)
    for case in INGRESS
    for each, verdict in {
        **dict.fromkeys(case["same_on"], case["verdict"]),
        **case.get("elsewhere", {}),
    }.items()
]


@pytest.mark.skipif(not INGRESS, reason=needs.VERDICTS)
def test_recorded_requests_of_ingress_are_found() -> None:
    assert len(RECORDED) == 42


def ingress(case: Case, engine: str) -> CalicoReading:
    assert CLUSTER is not None
    bodies = [document for text in case["manifests"] for document in documents(text)]
    manifests = [
        Manifest(source=case["id"], index=index, body=body) for index, body in enumerate(bodies)
    ]
    cluster = cluster_from_json(CLUSTER.read_text("utf-8"), path=CLUSTER.name)
    return read_calico(manifests, release(engine), cluster)


def into(case: Case) -> Query:
    namespace, _, name = case["source"].partition("/")
    labels = {each.name: each.labels for each in ingress_pods()}[name]
    carried = HttpRequest(method=case["request"]["method"], path=case["request"]["path"])
    what = Connection(port=case["port"], protocol="TCP", pod=case["destination"], request=carried)
    return Query(
        id=case["id"], source=Source(namespace=namespace, pod=name, labels=labels), what=what
    )


def ingress_pods() -> tuple[Pod, ...]:
    assert CLUSTER is not None
    return cluster_from_json(CLUSTER.read_text("utf-8"), path=CLUSTER.name).pods


@pytest.mark.parametrize(
    ("case", "engine", "verdict"), RECORDED, ids=[f"{each['id']}-{on}" for each, on, _ in RECORDED]
)
def test_calico_s_sidecar_judges_a_request_as_recorded(
    case: Case, engine: str, verdict: str
) -> None:
    found, query_ = ingress(case, engine), into(case)
    assert isinstance(query_.what, Connection)
    judged = found.setting.questions(query_.source).ingress_verdict(query_.what)

    assert found.refused == ()
    assert judged is not None
    assert {True: "allow", False: "deny"}[judged.allowed] == verdict


@pytest.mark.parametrize(
    ("case", "engine", "verdict"), RECORDED, ids=[f"{each['id']}-{on}" for each, on, _ in RECORDED]
)
def test_a_verdict_about_egress_is_never_that_of_a_rule_of_ingress(
    case: Case, engine: str, verdict: str
) -> None:
    found = ingress(case, engine).decide(into(case))
    [noted] = [each.text for each in found.caveats if each.id == "ingress-requests"]

    assert found.verdict == "allow"
    assert ("does not let" in noted) == (verdict == "deny")
    assert noted.endswith("and the verdict is about egress alone")
