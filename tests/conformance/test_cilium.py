"""What Cilium's own policy code said about each recorded case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from helm_python import values_from_yaml

from support.shared_data import shared
from transire.engines.cilium.reading import CiliumReading, read
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.query_json import QueryReader

CASES = shared("conformance/cilium-1.19.json")
STAGES = {"crd-schema": "api-server", "agent": "engine", "policy-computation": "engine"}


def cases() -> list[dict[str, Any]]:
    if CASES is None:
        return []
    found: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    return found


@cache
def cluster() -> ClusterState:
    found = shared("conformance/cilium-1.19.cluster.json")
    assert found is not None
    return cluster_from_json(found.read_text(encoding="utf-8"), path=found.name)


def reading(case: Mapping[str, Any]) -> CiliumReading:
    manifests = [
        Manifest(source=case["id"], index=index, body=values_from_yaml(text))
        for index, text in enumerate(case["manifests"])
    ]
    name, _, version = case["engine"].partition("@")
    release = Release(engine=name, version=Version.parse(version))
    return read(manifests, release, cluster(), case.get("agent_options", {}))


def dotted(pointer: str) -> str:
    """`/spec/egress/0/x` as the recorded cases write it: `spec.egress[0].x`."""
    parts = pointer.removeprefix("/").split("/")
    return "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts)[1:]


@pytest.mark.skipif(CASES is None, reason="the recorded verdicts of Cilium are not on this machine")
def test_recorded_cases_are_found() -> None:
    assert len(cases()) > 300


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_the_verdict_is_that_of_the_engine(case: Mapping[str, Any]) -> None:
    read_ = reading(case)
    query = {key: case[key] for key in ("id", "source", "query")}
    asked = QueryReader(path="case").query(json.dumps(query), line=1)
    decision = read_.decide(asked)
    pruned = {
        str(manifest): [dotted(each.path) for each in read_.pruned if each.manifest == manifest]
        for manifest in {each.manifest for each in read_.pruned}
    }

    assert pruned == case.get("pruned_unknown_fields", {})
    if case["verdict"] != "rejected":
        assert (case["verdict"], ()) == (decision.verdict, read_.refused), decision.reason
    elif "rejected_manifests" in case:
        assert [each.manifest for each in read_.refused] == case["rejected_manifests"]
        assert {each.by for each in read_.refused} == {STAGES[case["rejected_stage"]]}
        assert decision.verdict == case["verdict_ignoring_rejected"], decision.reason
    else:
        assert {each.by for each in read_.refused} == {STAGES[case["rejected_stage"]]}
