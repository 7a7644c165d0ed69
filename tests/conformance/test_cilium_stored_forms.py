"""What a real API server stored of small policies of Cilium, or why it refused them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support import needs
from support.case_files import documents
from support.shared_data import shared
from transire.engines.cilium.objects.objects import GROUP, stored_group
from transire.engines.cilium.objects.policy import CLUSTERWIDE, Stored, stored
from transire.engines.cilium.objects.schema import V19, policy_shape
from transire.k8s.manifests import Manifest

pytestmark = pytest.mark.slow("recorded cases of engines")

PATH = shared("cases/apiserver/stored-forms/cilium.json")
CASES: list[dict[str, Any]] = json.loads(PATH.read_text("utf-8"))["cases"] if PATH else []


def kept(case: dict[str, Any]) -> Stored:
    [body] = documents(case["manifest"])
    manifest = Manifest(source=case["id"], index=0, body=body)
    if manifest.ref.kind == GROUP:
        return stored_group(manifest)
    clusterwide = manifest.ref.kind == CLUSTERWIDE
    return stored(manifest, policy_shape(V19), clusterwide=clusterwide)


@pytest.mark.skipif(PATH is None, reason=needs.VERDICTS)
def test_stored_forms_are_found() -> None:
    assert len(CASES) == 26


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_policy_is_stored_or_refused_as_recorded(case: dict[str, Any]) -> None:
    found, create = kept(case), case["create"]

    if "stored" not in create:
        assert found.fault
        return
    whole = create["stored"]
    assert found.fault == ""
    assert found.value == {key: whole[key] for key in ("spec", "specs") if key in whole}
