"""What a NetworkPolicy governs at a glance.

Source: `policyTypes` and the namespace of NetworkPolicy in the Kubernetes API.
"""

from __future__ import annotations

from collections.abc import Mapping

from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest

_GROUP, _KIND = "networking.k8s.io", "NetworkPolicy"
_INGRESS = "Ingress"


def governs_ingress(manifest: Manifest) -> bool:
    """Whether it decides about incoming connections: always, where it has no `policyTypes`."""
    spec = manifest.body.get("spec")
    return is_networkpolicy(manifest) and (
        isinstance(spec, Mapping) and _INGRESS in (spec.get("policyTypes") or [_INGRESS])
    )


def own_namespace(manifest: Manifest) -> frozenset[str] | None:
    """The namespace outside of which it governs no pod; None for anything else."""
    if not is_networkpolicy(manifest) or not isinstance(manifest.body.get("spec"), Mapping):
        return None
    return frozenset({manifest.ref.namespace}) if manifest.ref.namespace else None


def denies(manifest: Manifest) -> bool:
    """Whether it is about egress, so that the pods that it selects are denied the rest."""
    spec = manifest.body.get("spec")
    if not is_networkpolicy(manifest) or not isinstance(spec, Mapping):
        return False
    return "Egress" in (spec.get("policyTypes") or (["Egress"] if spec.get("egress") else []))


def selects_all(manifest: Manifest) -> bool:
    """Whether it selects every pod of its namespace."""
    spec = manifest.body.get("spec")
    return (
        is_networkpolicy(manifest) and isinstance(spec, Mapping) and spec.get("podSelector") == {}
    )


def is_networkpolicy(manifest: Manifest) -> bool:
    """Whether it is a NetworkPolicy of Kubernetes."""
    return group_of(manifest) == _GROUP and manifest.ref.kind == _KIND
