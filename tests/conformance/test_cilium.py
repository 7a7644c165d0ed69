"""What Cilium's own policy code said about each recorded case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from helm_python import values_from_yaml

from support import needs
from support.shared_data import shared
from transire.engines.cilium.reading import CiliumReading, read
from transire.k8s.json_pointer import steps
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.query_json import QueryReader

pytestmark = pytest.mark.slow("recorded cases of engines")

FILES = {
    "cilium-1.19": 349,
    "cilium-1.19-random": 94,
    "cilium-1.20": 337,
    "cilium-1.20-random": 98,
}
"""Each file with the number of its cases."""
STAGES = {"crd-schema": "api-server", "agent": "engine", "policy-computation": "engine"}


@dataclass(frozen=True, slots=True)
class Case:
    """One case of one file."""

    file: str
    body: Mapping[str, Any]


def cases(file: str) -> list[Case]:
    found = shared(f"conformance/{file}.json")
    bodies = json.loads(found.read_text(encoding="utf-8")) if found else []
    return [Case(file, body) for body in bodies]


CASES = [case for file in FILES for case in cases(file)]


@cache
def cluster(file: str) -> ClusterState:
    found = shared(f"conformance/{file}.cluster.json")
    assert found is not None
    return cluster_from_json(found.read_text(encoding="utf-8"), path=found.name)


def reading(case: Case) -> CiliumReading:
    manifests = [
        Manifest(source=case.body["id"], index=index, body=values_from_yaml(text))
        for index, text in enumerate(case.body["manifests"])
    ]
    name, _, version = case.body["engine"].partition("@")
    release = Release(engine=name, version=Version.parse(version))
    return read(manifests, release, cluster(case.file), case.body.get("agent_options", {}))


def dotted(pointer: str) -> str:
    """`/spec/egress/0/x` as the recorded cases write it: `spec.egress[0].x`."""
    found = steps(pointer)
    return "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in found)[1:]


@pytest.mark.parametrize("file", FILES)
def test_recorded_cases_are_found(file: str) -> None:
    if shared(f"conformance/{file}.json") is None:
        pytest.skip(needs.VERDICTS)

    assert len(cases(file)) == FILES[file]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}-{case.body['id']}")
def test_the_verdict_is_that_of_the_engine(case: Case) -> None:
    body, read_ = case.body, reading(case)
    query = {key: body[key] for key in ("id", "source", "query")}
    asked = QueryReader(path="case").query(json.dumps(query), line=1)
    decision = read_.decide(asked)
    pruned = {
        str(manifest): [dotted(each.path) for each in read_.pruned if each.manifest == manifest]
        for manifest in {each.manifest for each in read_.pruned}
    }

    assert pruned == body.get("pruned_unknown_fields", {})
    if body["verdict"] != "rejected":
        assert (body["verdict"], ()) == (decision.verdict, read_.refused), decision.reason
        return
    if "rejected_manifests" in body:
        assert [each.manifest for each in read_.refused] == body["rejected_manifests"]
        assert decision.verdict == body["verdict_ignoring_rejected"], decision.reason
    stage, stages = STAGES[body["rejected_stage"]], {each.by for each in read_.refused}
    assert stage in stages
    assert stages == {stage} or len(body.get("rejected_manifests", ())) > 1
