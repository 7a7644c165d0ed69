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
    return _is_policy(manifest) and (
        isinstance(spec, Mapping) and _INGRESS in (spec.get("policyTypes") or [_INGRESS])
    )


def own_namespace(manifest: Manifest) -> frozenset[str] | None:
    """The namespace outside of which it governs no pod; None for anything else."""
    if not _is_policy(manifest) or not isinstance(manifest.body.get("spec"), Mapping):
        return None
    return frozenset({manifest.ref.namespace}) if manifest.ref.namespace else None


def _is_policy(manifest: Manifest) -> bool:
    return group_of(manifest) == _GROUP and manifest.ref.kind == _KIND
