"""What somebody changes inside an object of ours: seen, healed, or refused to begin with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from support import needs
from support.e2e.admission import REFUSED, absent, outcome
from support.e2e.client import Client
from support.e2e.control_plane import ControlPlane
from support.e2e.definitions import folder, install, upstream
from support.e2e.judged import Judged, every_cluster
from support.e2e.setting import add_namespaces
from support.e2e.stored import without_server_fields
from support.shared_data import shared

Spec = Mapping[str, Any]

_CALICO: Spec = {"tier": "egress", "order": 9000, "selector": "all()", "types": ["Egress"]}
_CILIUM: Spec = {"endpointSelector": {}, "egress": [{}]}
_OPEN_SPECS = [{"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """An object of ours, a merge patch that opens it, and a field that heals it once rendered.

    `heals` is None where nothing does, and empty where the object is healed as it is. `recorded` is
    the place among the cases that were recorded.
    """

    version: str
    kind: str
    ours: Spec
    patch: Spec
    heals: Spec | None
    recorded: int

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
        recorded=0,
    ),
    "a rule of Calico": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkPolicy",
        ours=_CALICO,
        patch={"spec": {"egress": [{"action": "Allow"}]}},
        heals={"spec": {"egress": []}},
        recorded=1,
    ),
    "the service accounts of Calico": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkPolicy",
        ours=_CALICO,
        patch={"spec": {"serviceAccountSelector": "has(nobody)"}},
        heals={"spec": {"serviceAccountSelector": ""}},
        recorded=2,
    ),
    "the default deny of Cilium": Tampered(
        version="cilium.io/v2",
        kind="CiliumNetworkPolicy",
        ours=_CILIUM,
        patch={"spec": {"enableDefaultDeny": {"egress": False}}},
        heals={"spec": {"enableDefaultDeny": {"egress": True}}},
        recorded=3,
    ),
    "more specs of Cilium": Tampered(
        version="cilium.io/v2",
        kind="CiliumNetworkPolicy",
        ours=_CILIUM,
        patch={"specs": _OPEN_SPECS},
        heals={"specs": []},
        recorded=4,
    ),
    "a domain of a set of Calico": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkSet",
        ours={"allowedEgressDomains": ["api.example.com"]},
        patch={"spec": {"allowedEgressDomains": ["api.example.com", "evil.example"]}},
        heals={},
        recorded=6,
    ),
    "a net of a set of Calico, whose items merge": Tampered(
        version="projectcalico.org/v3",
        kind="NetworkSet",
        ours={"nets": ["198.51.100.0/24"]},
        patch={"spec": {"nets": ["198.51.100.0/24", "0.0.0.0/0"]}},
        heals=None,
        recorded=5,
    ),
}
_HEALED_AS_IT_IS = {name for name, each in _CASES.items() if each.heals == {}}
_HEALED = {name for name, each in _CASES.items() if each.heals is not None}


@pytest.fixture(scope="module")
def admin(plane: ControlPlane) -> Client:
    """A cluster that serves Cilium's kinds and Calico Enterprise's."""
    if folder() is None:
        pytest.skip(needs.DEFINITIONS)
    places = ("cilium/v1.20.2", "calico-enterprise/projectcalico.org-v3")
    install(plane.client, upstream(*places))
    add_namespaces(plane.client, ["elsewhere"])
    return plane.client


def _tampered_and_applied_again(admin: Client, case: Tampered, more: Spec) -> tuple[bool, bool]:
    """Whether a dry run of ours shows the change, and whether applying again undoes it."""
    body = case.body(more)
    ref = absent(admin, body)
    before = admin.apply(body, manager="ours").object()
    tampered = admin.merge(ref, case.patch).object()
    assert without_server_fields(tampered) != without_server_fields(before)

    seen = admin.apply(body, manager="ours", dry_run=True).object()
    after = admin.apply(body, manager="ours").object()

    return (
        without_server_fields(seen) != without_server_fields(tampered),
        without_server_fields(after) == without_server_fields(before),
    )


@pytest.mark.parametrize("name", sorted({*_CASES} - _HEALED_AS_IT_IS))
def test_what_is_not_rendered_is_neither_seen_nor_healed(admin: Client, name: str) -> None:
    assert _tampered_and_applied_again(admin, _CASES[name], {}) == (False, False)


@pytest.mark.parametrize("name", sorted(_HEALED))
def test_a_field_that_is_rendered_is_seen_and_healed(admin: Client, name: str) -> None:
    case = _CASES[name]
    assert case.heals is not None

    assert _tampered_and_applied_again(admin, case, case.heals) == (True, True)


def test_the_cases_are_those_that_were_recorded(admin: Client) -> None:
    path = shared("cases/apiserver/deny-object-tampered/expected.json")
    if path is None:
        pytest.skip(needs.RECORDED_CASES)
    recorded = json.loads(path.read_text("utf-8"))["cases"]

    found = [
        _tampered_and_applied_again(admin, each, {})
        for each in sorted(_CASES.values(), key=lambda each: each.recorded)
    ]

    assert found == [(each["dry_run_shows_drift"], each["healed"]) for each in recorded]


_EGRESS = [{"toCIDR": ["198.51.100.0/24"]}]
_EMPTIED: Mapping[str, tuple[str, str, Spec, Spec, int]] = {
    "a default deny of Cilium": (
        *("cilium.io/v2", "CiliumNetworkPolicy"),
        {"endpointSelector": {}, "egress": _EGRESS, "enableDefaultDeny": {"egress": False}},
        {"endpointSelector": {}, "egress": _EGRESS, "enableDefaultDeny": {}},
        422,
    ),
    "the nets of a set": (
        *("projectcalico.org/v3", "NetworkSet"),
        {"nets": ["198.51.100.0/24"]},
        {"nets": []},
        422,
    ),
    "a set without nets": (
        *("projectcalico.org/v3", "NetworkSet"),
        {"nets": ["198.51.100.0/24"]},
        {},
        422,
    ),
    "a selector of Cilium": (
        *("cilium.io/v2", "CiliumNetworkPolicy"),
        {"endpointSelector": {"matchLabels": {"k8s:app": "x"}}, "egress": [{}]},
        {"endpointSelector": {}, "egress": [{}]},
        200,
    ),
    "the rules of a NetworkPolicy": (
        *("networking.k8s.io/v1", "NetworkPolicy"),
        {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]},
        {"podSelector": {}, "policyTypes": ["Egress"], "egress": []},
        200,
    ),
}
"""What an apply of the first and then of the second, which is emptier, comes to."""


@pytest.mark.parametrize("name", _EMPTIED)
def test_some_applies_that_empty_a_field_are_refused_and_leave_it_as_it_was(
    admin: Client, name: str
) -> None:
    version, kind, first, second, code = _EMPTIED[name]
    metadata = {"name": "emptied", "namespace": "elsewhere"}
    body = {"apiVersion": version, "kind": kind, "metadata": metadata}
    ref = absent(admin, {**body, "spec": first})
    admin.apply({**body, "spec": first}, manager="ours").object()

    answer = admin.apply({**body, "spec": second}, manager="ours")

    assert answer.code == code
    stored = admin.get(ref).object()["spec"]
    wanted = {key: each for key, each in (second if answer.ok else first).items() if each != []}
    assert {**stored, **wanted} == stored
    assert stored.get("egress") != [{}] or wanted.get("egress") == [{}]


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
