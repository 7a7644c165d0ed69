"""Engines that people have and that are not modelled, and what to write for a cluster with one.

Each enforces NetworkPolicy, or is made of an engine that is modelled, or enforces nothing.
Sources: the documentation of each; `docs/platforms/README.md` has the same table for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PLAIN = "write engine: kubernetes, whose NetworkPolicy it enforces, without names; {names}"
_NOT_WRITTEN = "its {kind} is not written yet"
_NO_NAMES = "hosts go through the cluster's fallback"

_AWS = _PLAIN.format(names=_NOT_WRITTEN.format(kind="ApplicationNetworkPolicy"))
_GKE = _PLAIN.format(names=_NOT_WRITTEN.format(kind="FQDNNetworkPolicy"))
_OVN = _PLAIN.format(names=_NOT_WRITTEN.format(kind="EgressFirewall"))
_ANTREA = _PLAIN.format(names=_NOT_WRITTEN.format(kind="own policy"))
_OTHER = _PLAIN.format(names=_NO_NAMES)
_CALICO = "write engine: calico with Calico's release, which is what enforces policies there"
_ENTERPRISE = "write engine: calico-enterprise with its release"
_CILIUM = "write engine: cilium with the release of Cilium that it is made of"
_ACNS = (
    "write engine: cilium with its release where the cluster has Advanced Container Networking "
    "Services, otherwise engine: kubernetes"
)
_MESH = "write the engine below the mesh, which judges a pod's packets whatever the mesh does"
_NOTHING = "it enforces no policy at all: install an engine that does"

OTHER_ENGINES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "acns": ("Azure's Cilium", _ACNS),
        "aks": ("Azure's Cilium", _ACNS),
        "antrea": ("Antrea", _ANTREA),
        "aws": ("AWS's network policy agent", _AWS),
        "aws-vpc-cni": ("AWS's network policy agent", _AWS),
        "azure": ("Azure Network Policy Manager", _OTHER),
        "azure-cilium": ("Azure's Cilium", _ACNS),
        "azure-npm": ("Azure Network Policy Manager", _OTHER),
        "calico-cloud": ("Calico Cloud", _ENTERPRISE),
        "canal": ("Canal", _CALICO),
        "cilium-enterprise": ("Isovalent's Cilium", _CILIUM),
        "dataplane-v2": ("GKE Dataplane V2", _GKE),
        "eks": ("AWS's network policy agent", _AWS),
        "flannel": ("Flannel", _NOTHING),
        "gke": ("GKE Dataplane V2", _GKE),
        "gke-dataplane-v2": ("GKE Dataplane V2", _GKE),
        "isovalent": ("Isovalent's Cilium", _CILIUM),
        "istio": ("Istio", _MESH),
        "kube-ovn": ("Kube-OVN", _OTHER),
        "kube-router": ("kube-router", _OTHER),
        "linkerd": ("Linkerd", _MESH),
        "networkpolicy": ("NetworkPolicy", "write engine: kubernetes"),
        "openshift": ("OVN-Kubernetes", _OVN),
        "openshift-sdn": ("OpenShift SDN", _OTHER),
        "ovn": ("OVN-Kubernetes", _OVN),
        "ovn-k8s": ("OVN-Kubernetes", _OVN),
        "ovn-kubernetes": ("OVN-Kubernetes", _OVN),
        "ovnkubernetes": ("OVN-Kubernetes", _OVN),
        "tigera": ("Calico Enterprise", _ENTERPRISE),
        "vpc-cni": ("AWS's network policy agent", _AWS),
    }
)
"""What an engine is called, and what to write instead, by the words that people use for it."""


def other_engine(written: str) -> tuple[str, str] | None:
    """Message and help about an engine that is known and not modelled, or None."""
    found = OTHER_ENGINES.get(written.lower().replace("_", "-").replace(" ", "-"))
    if found is None:
        return None
    title, remedy = found
    message = f"'engine' is {written!r}, and {title} is not modelled"
    return message, f"{remedy}; see `transire docs platforms`"
