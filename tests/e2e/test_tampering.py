"""What somebody changes inside an object of ours: seen, healed, or refused to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from support.e2e.admission import REFUSED, absent, outcome
from support.e2e.judged import Judged, every_cluster
from support.e2e.stored import without_server_fields

Spec = Mapping[str, Any]

_CALICO: Spec = {"tier": "egress", "order": 9000, "selector": "all()", "types": ["Egress"]}
_CILIUM: Spec = {"endpointSelector": {}, "egress": [{}]}
_OPEN_SPECS = [{"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """An object of ours, a merge patch that opens it, and a field that heals it once rendered.

    `heals` is None where nothing does, and empty where the object is healed as it is.
    """

    version: str
    kind: str
    ours: Spec
    patch: Spec
    heals: Spec | None

    def body(self, more: Spec) -> dict[str, Any]:
        """The object with fields beside those that it has always had."""
        name = "egress.tampered" if self.version == "projectcalico.org/v3" else "tampered"
        return {
            "apiVersion": self.version,
            "kind": self.kind,
            "metadata": {"name": name, "namespace": "elsewhere"},
            **more,
            "spec": {**self.ours, **more.get("spec", {})},
        }


_CASES = {
    "an item of a NetworkPolicy": Tampered(
        version="networking.k8s.io/v1",
        kind="NetworkPolicy",
        ours={"podSelector": {}, "policyTypes": ["Egress"]},
        patch={"spec": {"egress": [{}]}},
        heals={"spec": {"egress": []}},
    ),
    "a rule of Calico": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkPolicy",
        ours=_CALICO,
        patch={"spec": {"egress": [{"action": "Allow"}]}},
        heals={"spec": {"egress": []}},
    ),
    "the service accounts of Calico": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkPolicy",
        ours=_CALICO,
        patch={"spec": {"serviceAccountSelector": "has(nobody)"}},
        heals={"spec": {"serviceAccountSelector": ""}},
    ),
    "the default deny of Cilium": Tampered(
        version="cilium.io/v2",
        kind="CiliumNetworkPolicy",
        ours=_CILIUM,
        patch={"spec": {"enableDefaultDeny": {"egress": False}}},
        heals={"spec": {"enableDefaultDeny": {"egress": True}}},
    ),
    "more specs of Cilium": Tampered(
        version="cilium.io/v2",
        kind="CiliumNetworkPolicy",
        ours=_CILIUM,
        patch={"specs": _OPEN_SPECS},
        heals={"specs": []},
    ),
    "a domain of a set of Calico": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkSet",
        ours={"allowedEgressDomains": ["api.example.com"]},
        patch={"spec": {"allowedEgressDomains": ["api.example.com", "evil.example"]}},
        heals={},
    ),
    "a net of a set of Calico, whose items merge": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkSet",
        ours={"nets": ["198.51.100.0/24"]},
        patch={"spec": {"nets": ["198.51.100.0/24", "0.0.0.0/0"]}},
        heals=None,
    ),
}
on_staging = pytest.mark.parametrize("judged", ["staging"], indirect=True, scope="module")


def _tampered_and_applied_again(judged: Judged, case: Tampered, more: Spec) -> tuple[bool, bool]:
    """Whether a dry run of ours shows the change, and whether applying again undoes it."""
    body = case.body(more)
    ref = absent(judged.publisher, body)
    before = judged.publisher.apply(body, manager="ours").object()
    tampered = judged.admin.merge(ref, case.patch).object()
    assert without_server_fields(tampered) != without_server_fields(before)

    seen = judged.publisher.apply(body, manager="ours", dry_run=True).object()
    after = judged.publisher.apply(body, manager="ours").object()

    return (
        without_server_fields(seen) != without_server_fields(tampered),
        without_server_fields(after) == without_server_fields(before),
    )


@on_staging
@pytest.mark.parametrize(
    "case",
    [each for each in _CASES.values() if each.heals != {}],
    ids=[name for name, each in _CASES.items() if each.heals != {}],
)
def test_what_is_not_rendered_is_neither_seen_nor_healed(judged: Judged, case: Tampered) -> None:
    assert _tampered_and_applied_again(judged, case, {}) == (False, False)


@on_staging
@pytest.mark.parametrize(
    "case",
    [each for each in _CASES.values() if each.heals is not None],
    ids=[name for name, each in _CASES.items() if each.heals is not None],
)
def test_a_field_that_is_rendered_is_seen_and_healed(judged: Judged, case: Tampered) -> None:
    assert case.heals is not None
    assert _tampered_and_applied_again(judged, case, case.heals) == (True, True)


_OPENING: Mapping[str, tuple[Spec, ...]] = {
    "networking.k8s.io/v1 NetworkPolicy": (
        {"spec": {"egress": [{}]}},
        {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}},
    ),
    "cilium.io/v2 CiliumClusterwideNetworkPolicy": (
        {"spec": {"enableDefaultDeny": {"egress": False}}},
        {"specs": _OPEN_SPECS},
    ),
    "projectcalico.org/v3 GlobalNetworkPolicy": (
        {"spec": {"egress": [{"action": "Allow"}]}},
        {"spec": {"selector": "has(nobody)"}},
        {"spec": {"serviceAccountSelector": "has(nobody)"}},
        {"spec": {"doNotTrack": True, "applyOnForward": True}},
    ),
    "projectcalico.org/v3 NetworkPolicy": (
        {"spec": {"egress": [{"action": "Allow"}]}},
        {"spec": {"serviceAccountSelector": "has(nobody)"}},
    ),
    "cilium.io/v2 CiliumNetworkPolicy": (
        {"spec": {"enableDefaultDeny": {"egress": False}}},
        {"specs": _OPEN_SPECS},
    ),
    "projectcalico.org/v3 StagedGlobalNetworkPolicy": ({"spec": {"stagedAction": "Ignore"}},),
    "projectcalico.org/v3 StagedNetworkPolicy": ({"spec": {"stagedAction": "Ignore"}},),
}
"""Merge patches that open a deny object, or end its audit, by kind."""


def _denies(judged: Judged) -> list[Mapping[str, Any]]:
    found = [
        each
        for each in judged.cluster.rendered
        if each["metadata"]["labels"].get("transire/layer") == "deny"
    ]
    assert len(found) >= 3
    return found


@every_cluster
def test_nobody_but_the_publisher_opens_a_deny_object(judged: Judged) -> None:
    for body in _denies(judged):
        ref = judged.publisher.ref(body)
        judged.publisher.apply(body, manager="ours").object()
        for patch in _OPENING[f"{body['apiVersion']} {body['kind']}"]:
            assert outcome(judged.team.merge(ref, patch)) == REFUSED, body


@every_cluster
def test_a_rendered_deny_object_that_somebody_opened_is_closed_by_the_next_apply(
    judged: Judged,
) -> None:
    for body in _denies(judged):
        ref = judged.publisher.ref(body)
        before = judged.publisher.apply(body, manager="ours").object()
        for patch in _OPENING[f"{body['apiVersion']} {body['kind']}"]:
            opened = judged.publisher.merge(ref, patch).object()
            seen = judged.argocd.apply(body, manager="ours", dry_run=True).object()
            after = judged.publisher.apply(body, manager="ours").object()

            assert opened["metadata"]["generation"] > before["metadata"]["generation"], patch
            assert _owned(seen) != _owned(opened), patch
            assert _owned(after) == _owned(before), patch
            before = after


def _owned(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what a patch must add for the API server's sake alone."""
    body = without_server_fields(stored)
    spec = {key: value for key, value in body["spec"].items() if key != "applyOnForward"}
    return {**body, "spec": spec}
