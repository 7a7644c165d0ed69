"""Break-glass with the admission policy: opened, and undone in the order that the page gives."""

from __future__ import annotations

from typing import Any

import pytest

from support.e2e.admission import PASSES, REFUSED, break_glass, outcome, switch_on
from support.e2e.client import Ref
from support.e2e.example import APPLIER_USER
from support.e2e.judged import Judged
from support.e2e.setting import make_administrator

on_edge = pytest.mark.parametrize("judged", ["edge"], indirect=True, scope="module")
_OPEN: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "break-glass", "namespace": "batch"},
    "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]},
}


def _opened(judged: Judged) -> Ref:
    """The binding is gone, and the incident has its policy."""
    break_glass(judged.admin, judged.team)
    return judged.team.ref(judged.team.create(_OPEN).object())


@on_edge
def test_the_policy_goes_first_and_then_the_binding_comes_back(judged: Judged) -> None:
    ref = _opened(judged)

    deleted = outcome(judged.team.delete(ref))
    switch_on(judged.admin, judged.team, judged.cluster)

    assert deleted == PASSES
    assert judged.admin.get(ref).code == 404
    assert outcome(judged.team.create(_OPEN)) == REFUSED


@on_edge
def test_where_the_binding_came_back_too_soon_the_publishing_account_deletes(
    judged: Judged,
) -> None:
    make_administrator(judged.admin, APPLIER_USER)
    ref = _opened(judged)
    switch_on(judged.admin, judged.team, judged.cluster)

    outcomes = [
        outcome(judged.team.delete(ref)),
        outcome(judged.admin.delete(ref)),
        outcome(judged.admin.as_user(APPLIER_USER).delete(ref)),
    ]

    assert outcomes == [REFUSED, REFUSED, PASSES]
    assert judged.admin.get(ref).code == 404
