"""Which objects of an input are network policy, and of whom."""

from __future__ import annotations

from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest

_FOREIGN = {
    "cilium.io": ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"),
    "projectcalico.org": ("NetworkPolicy", "GlobalNetworkPolicy"),
    "crd.projectcalico.org": ("NetworkPolicy", "GlobalNetworkPolicy"),
    "crd.antrea.io": ("NetworkPolicy", "ClusterNetworkPolicy"),
    "k8s.ovn.org": ("EgressFirewall",),
    "networking.gke.io": ("FQDNNetworkPolicy",),
    "networking.k8s.aws": ("ApplicationNetworkPolicy", "ClusterNetworkPolicy"),
    "policy.networking.k8s.io": (
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "ClusterNetworkPolicy",
    ),
}
"""Kinds of network policy by API group; each is enforced by some engines only."""


def group_of(manifest: Manifest) -> str:
    """The API group, empty for the core group."""
    group, slash, _ = manifest.api_version.partition("/")
    return group if slash else ""


def is_foreign_policy(manifest: Manifest) -> bool:
    """Whether the object is a network policy that only certain engines enforce."""
    return manifest.ref.kind in _FOREIGN.get(group_of(manifest), ())


def refusal(manifest: Manifest, why: str, *, by: str = "api-server") -> Refused:
    """The object left out whole."""
    return Refused(manifest=manifest.index, object=manifest.ref, by=by, why=why)


def unserved(manifest: Manifest) -> Refused | None:
    """The refusal of an object without a kind, or of a NetworkPolicy version that is not served."""
    kind, version = manifest.ref.kind, manifest.api_version
    if not kind or not version:
        return refusal(manifest, "the object has no apiVersion or no kind")
    if kind != "NetworkPolicy" or group_of(manifest) not in {"networking.k8s.io", "extensions"}:
        return None
    if version == "networking.k8s.io/v1":
        return None
    why = f"no cluster serves NetworkPolicy in {version}; write networking.k8s.io/v1"
    return refusal(manifest, why)
