"""What a real API server stored of small manifests, or why it refused them."""

from __future__ import annotations

from typing import Any

import pytest

from support import needs
from support.engines.case_files import release
from support.engines.stored_forms import StoredForm, folder, given, stored, stored_forms
from transire.engines.calico.inputs import Inputs
from transire.engines.calico.objects.releases import ENTERPRISE, V3_32, Dialect
from transire.engines.calico.reading import CalicoReading, read_calico
from transire.engines.kubernetes.reading import read as read_networkpolicies
from transire.k8s.manifests import Manifest
from transire.model.engine import Definitions
from transire.queries.cluster_state import ClusterState

pytestmark = pytest.mark.slow("recorded cases of engines")

NEWEST_ENTERPRISE = ENTERPRISE[3, 24][-1]
"""The operator's definitions are those of its newest branch."""

CALICO = [
    (name, dialect, case)
    for name, dialect in (("calico-oss", V3_32), ("calico-enterprise", NEWEST_ENTERPRISE))
    for case in stored_forms(name)
]


@pytest.mark.skipif(folder() is None, reason=needs.RECORDED_CASES)
def test_stored_forms_are_found() -> None:
    assert len(CALICO) > 60
    assert len(stored_forms("kubernetes")) == 40


@pytest.mark.parametrize("case", stored_forms("kubernetes"), ids=lambda case: case["id"])
def test_a_networkpolicy_means_what_was_stored(case: StoredForm) -> None:
    read = read_networkpolicies([given(case)], release("kubernetes@1.36"), ClusterState())

    assert bool(read.refused) == ("refused" in case["create"]), read.refused
    if not read.refused:
        [policy] = read.policies
        again = read_networkpolicies([stored(case)], release("kubernetes@1.36"), ClusterState())
        [kept] = again.policies
        assert not again.pruned
        assert (policy.pods, policy.types, policy.egress) == (kept.pods, kept.types, kept.egress)


def read_natively(manifest: Manifest, dialect: Dialect) -> CalicoReading:
    cluster = ClusterState(definitions=Definitions.NATIVE)
    return read_calico([manifest], (dialect,), cluster, product="calico")


@pytest.mark.parametrize(
    ("dialect", "case"),
    [each[1:] for each in CALICO],
    ids=[f"{name}-{case['id']}" for name, _, case in CALICO],
)
def test_native_definitions_keep_what_was_stored(dialect: Dialect, case: StoredForm) -> None:
    read = read_natively(given(case), dialect)

    assert bool(read.refused) == ("refused" in case["create"]), read.refused
    if not read.refused:
        again = read_natively(stored(case), dialect)
        assert (again.refused, again.pruned) == ((), ())
        assert enforced(read) == enforced(again)
        assert kept(given(case), dialect) == case["create"]["stored"]["spec"]


def enforced(reading: CalicoReading) -> list[object]:
    """The policies and sets that are enforced."""
    return [(each.tiers, each.groups) for each in reading.setting.worlds]


def kept(manifest: Manifest, dialect: Dialect) -> dict[str, Any]:
    """The spec that is stored, with the defaults that the definitions add."""
    inputs = Inputs(dialects=(dialect.natively(),), product="calico")
    inputs.add(manifest)
    [one] = inputs.calico
    if manifest.ref.kind == "Tier":
        return {"defaultAction": "Deny", **one.spec}
    return {"tier": "default", **one.spec} if "Policy" in manifest.ref.kind else dict(one.spec)
