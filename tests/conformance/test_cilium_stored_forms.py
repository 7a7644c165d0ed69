"""What a real API server stored of small policies of Cilium, or why it refused them."""

from __future__ import annotations

import pytest

from support import needs
from support.engines.stored_forms import StoredForm, folder, given, stored_forms
from transire.engines.cilium.facts import CLUSTERWIDE
from transire.engines.cilium.objects.objects import GROUP, stored_group
from transire.engines.cilium.objects.policy import Stored, stored
from transire.engines.cilium.objects.schema import V19, policy_shape

pytestmark = pytest.mark.slow("recorded cases of engines")

CASES = stored_forms("cilium")


def kept(case: StoredForm) -> Stored:
    manifest = given(case)
    if manifest.ref.kind == GROUP:
        return stored_group(manifest)
    clusterwide = manifest.ref.kind == CLUSTERWIDE
    return stored(manifest, policy_shape(V19), clusterwide=clusterwide)


@pytest.mark.skipif(folder() is None, reason=needs.RECORDED_CASES)
def test_stored_forms_are_found() -> None:
    assert len(CASES) == 26


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_policy_is_stored_or_refused_as_recorded(case: StoredForm) -> None:
    found, create = kept(case), case["create"]

    if "stored" not in create:
        assert found.fault
        return
    whole = create["stored"]
    assert found.fault == ""
    assert found.value == {key: whole[key] for key in ("spec", "specs") if key in whole}
