"""Kinds that one engine enforces and another does not."""

from __future__ import annotations

from transire.k8s.api_kinds import group_of, is_foreign_policy
from transire.k8s.manifests import Manifest

_CILIUM = frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup"})
_CALICO = frozenset(
    {
        "NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy",
        "StagedKubernetesNetworkPolicy", "NetworkSet", "GlobalNetworkSet", "Tier",
    }
)  # fmt: skip
_KINDS = {
    "cilium.io": _CILIUM,
    "projectcalico.org": _CALICO,
    "crd.projectcalico.org": _CALICO,
}
_CALICO_GROUPS = frozenset({"projectcalico.org", "crd.projectcalico.org"})
_SHARED = "policy.networking.k8s.io"
"""The group of policies that Calico enforces in part and others are about to."""
_OWN = {
    "cilium": frozenset({"cilium.io"}),
    "calico": _CALICO_GROUPS | {_SHARED},
    "calico-enterprise": _CALICO_GROUPS | {_SHARED},
    "kubernetes": frozenset({_SHARED}),
}


def foreign_to(engine: str, manifest: Manifest) -> bool:
    """Whether the object is network policy, or part of it, that the engine never reads."""
    group, kind = group_of(manifest), manifest.ref.kind
    if group in _OWN[engine]:
        return False
    return kind in _KINDS.get(group, ()) or is_foreign_policy(manifest)
