"""Which policies also decide what may come in, said or left unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from transire.engines.registry import ENGINES
from transire.k8s.manifests import Manifest

KUBERNETES = ("networking.k8s.io/v1", "NetworkPolicy")
CALICO = ("projectcalico.org/v3", "NetworkPolicy")
STAGED = ("projectcalico.org/v3", "StagedGlobalNetworkPolicy")
CILIUM = ("cilium.io/v2", "CiliumNetworkPolicy")


def governs(kind: tuple[str, str], spec: Any, **more: Any) -> bool:  # noqa: ANN401 - YAML
    body = {"apiVersion": kind[0], "kind": kind[1], "spec": spec, **more}
    manifest = Manifest(source="x", index=0, body=body)
    return any(engine.scope.ingress(manifest) for engine in ENGINES.values())


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (KUBERNETES, {}),
        (KUBERNETES, {"policyTypes": []}),
        (KUBERNETES, {"egress": [{}]}),
        (KUBERNETES, {"policyTypes": ["Ingress", "Egress"]}),
        (CALICO, {}),
        (CALICO, {"ingress": [{"action": "Allow"}], "egress": [{"action": "Allow"}]}),
        (CALICO, {"types": ["Ingress", "Egress"]}),
        (STAGED, {"types": ["Ingress"]}),
        (CILIUM, {"ingress": []}),
        (CILIUM, {"ingressDeny": [{}]}),
        (CILIUM, {"enableDefaultDeny": {"ingress": True}}),
    ],
)
def test_ingress_is_governed_by_what_is_said_and_by_defaults(
    kind: tuple[str, str], spec: dict[str, Any]
) -> None:
    assert governs(kind, spec)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (KUBERNETES, {"policyTypes": ["Egress"]}),
        (KUBERNETES, None),
        (CALICO, {"types": ["Egress"]}),
        (CALICO, {"egress": [{"action": "Allow"}]}),
        (CILIUM, {"egress": [{}]}),
        (CILIUM, {"egress": [{}], "enableDefaultDeny": {"ingress": False, "egress": True}}),
        (("projectcalico.org/v3", "Tier"), {"order": 1}),
        (("v1", "ConfigMap"), {"ingress": [{}]}),
    ],
)
def test_a_policy_of_egress_alone_is_left_in_peace(
    kind: tuple[str, str], spec: dict[str, Any] | None
) -> None:
    assert not governs(kind, spec)


def test_each_of_several_specs_counts() -> None:
    assert governs(CILIUM, None, specs=[{"egress": [{}]}, {"ingress": [{}]}])
    assert not governs(CILIUM, None, specs=[{"egress": [{}]}])
