"""Objects in one form for comparison: what servers add and leave out is no difference."""

from __future__ import annotations

from typing import Any

import pytest

from transire.engines.calico.objects.kept_form import kept as kept_by_calico
from transire.k8s.manifests import Manifest
from transire.k8s.stored_form import kept

_NETWORK_POLICY = ("networking.k8s.io/v1", "NetworkPolicy")
_ADMISSION = ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
_CUSTOM = ("cilium.io/v2", "CiliumNetworkPolicy")
_CALICO = ("projectcalico.org/v3", "NetworkPolicy")


def manifest(api: tuple[str, str], spec: dict[str, Any]) -> Manifest:
    version, kind = api
    metadata = {"name": "a", "namespace": "b"}
    body = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    return Manifest(source="a.yaml", index=0, body=body)


_PEER: dict[str, Any] = {"podSelector": {}}


@pytest.mark.parametrize(
    ("api", "rendered", "stored"),
    [
        (_NETWORK_POLICY, {"policyTypes": ["Egress"], "egress": []}, {"policyTypes": ["Egress"]}),
        (
            _NETWORK_POLICY,
            {"egress": [{"to": [_PEER], "ports": [{"port": 443}]}]},
            {
                "egress": [{"to": [_PEER], "ports": [{"port": 443, "protocol": "TCP"}]}],
                "policyTypes": ["Ingress", "Egress"],
            },
        ),
        (
            _ADMISSION,
            {"matchConstraints": {"resourceRules": []}},
            {"matchConstraints": {"matchPolicy": "Equivalent", "objectSelector": {}}},
        ),
        (_CUSTOM, {"egress": [{"toPorts": None}]}, {"egress": [{}]}),
        (
            _CALICO,
            {"selector": "", "egress": [{"action": "Allow"}], "types": ["Egress"]},
            {"egress": [{"action": "Allow", "source": {}, "destination": {}}], "types": ["Egress"]},
        ),
    ],
)
def test_what_a_server_adds_or_leaves_out_is_no_difference(
    api: tuple[str, str], rendered: dict[str, Any], stored: dict[str, Any]
) -> None:
    keep = kept_by_calico if api is _CALICO else kept

    assert keep(manifest(api, rendered)).body == keep(manifest(api, stored)).body


@pytest.mark.parametrize(
    ("api", "one", "other"),
    [
        (_NETWORK_POLICY, {"egress": [{}]}, {"egress": []}),
        (_NETWORK_POLICY, {"egress": [{"to": [{"podSelector": {}}]}]}, {"egress": [{"to": [{}]}]}),
        (_NETWORK_POLICY, {"policyTypes": ["Ingress"]}, {"policyTypes": ["Egress"]}),
        (_CUSTOM, {"egress": []}, {}),
        (_CUSTOM, {"egress": [{}]}, {"egress": []}),
        (_CALICO, {"order": 0}, {}),
        (_CALICO, {"egress": [{"action": "Allow"}]}, {"egress": []}),
        (_CALICO, {"stagedAction": "Delete"}, {}),
        (_CALICO, {"selector": "app == 'a'"}, {}),
    ],
)
def test_what_means_something_else_stays_a_difference(
    api: tuple[str, str], one: dict[str, Any], other: dict[str, Any]
) -> None:
    keep = kept_by_calico if api is _CALICO else kept

    assert keep(manifest(api, one)).body != keep(manifest(api, other)).body


@pytest.mark.parametrize("annotation", ["{", "[]", "7", ""])
def test_metadata_that_does_not_decode_is_that_of_the_storage(annotation: str) -> None:
    body = {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "default.a",
            "namespace": "b",
            "labels": {"c": "d"},
            "annotations": {"projectcalico.org/metadata": annotation},
        },
    }
    found = kept_by_calico(Manifest(source="a.yaml", index=0, body=body))

    assert found.body["apiVersion"] == "projectcalico.org/v3"
    assert found.body["metadata"] == {"name": "a", "namespace": "b", "labels": {"c": "d"}}
