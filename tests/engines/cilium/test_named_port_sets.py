"""Since 1.20 pods alone give names to ports, so other peers get nothing from a named port."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from support.engines.case_files import release
from support.engines.cilium_sets import CLUSTER, SHOP, asking, manifest
from transire.engines.cilium.reading import read
from transire.flows.flow_set import FlowSet
from transire.model.problems import Unjudgeable
from transire.queries.query import Connection, Query, Source, Verdict

NAMED = [{"ports": [{"port": "http", "protocol": "TCP"}]}]
OUTSIDE: list[dict[str, Any]] = [
    {"toCIDR": ["198.51.100.0/24"]},
    {"toCIDRSet": [{"cidr": "198.51.100.0/24", "except": ["198.51.100.8/29"]}]},
    {"toFQDNs": [{"matchName": "a.example.com"}]},
    {"toEntities": ["world"]},
    {"toEntities": ["kube-apiserver", "remote-node"]},
]
PODS: list[dict[str, Any]] = [
    {"toEndpoints": [{"matchLabels": {"app": "db"}}]},
    {"toEntities": ["cluster"]},
    {"toEntities": ["all"]},
    {},
]


def flows(version: str, *egress: dict[str, Any]) -> FlowSet:
    spec = {"endpointSelector": {}, "egress": list(egress)}
    return read([manifest(spec)], release(f"cilium@{version}"), CLUSTER).flows(SHOP)


@pytest.mark.parametrize("peer", OUTSIDE, ids=str)
def test_what_is_no_pod_gets_nothing_from_a_name(peer: dict[str, Any]) -> None:
    named, plain = {**peer, "toPorts": NAMED}, {"toCIDR": ["203.0.113.0/24"]}

    assert flows("1.20", asking(), plain, named) == flows("1.20", asking(), plain)


@pytest.mark.parametrize("peer", OUTSIDE[:4], ids=str)
def test_a_single_verdict_is_the_same(peer: dict[str, Any]) -> None:
    spec = {"endpointSelector": {}, "egress": [asking(), {**peer, "toPorts": NAMED}]}
    reading = read([manifest(spec)], release("cilium@1.20"), CLUSTER)
    host = "a.example.com" if "toFQDNs" in peer else ""
    for port in (80, 8080):
        what = Connection(port=port, protocol="TCP", ip=ip_address("198.51.100.7"), host=host)
        query = Query(id="1", source=Source(namespace="shop"), what=what)

        assert reading.decide(query).verdict is Verdict.DENY


@pytest.mark.parametrize("peer", PODS, ids=str)
def test_which_pods_have_a_name_is_not_known(peer: dict[str, Any]) -> None:
    with pytest.raises(Unjudgeable) as caught:
        flows("1.20", {**peer, "toPorts": NAMED})

    assert "which pods have a port named http, and which number, is not known" in str(caught.value)


@pytest.mark.parametrize("peer", OUTSIDE[:2], ids=str)
def test_until_1_19_a_name_is_one_number_for_every_peer(peer: dict[str, Any]) -> None:
    numbered = {**peer, "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}]}]}

    assert flows("1.19", {**peer, "toPorts": NAMED}) == flows("1.19", numbered)
