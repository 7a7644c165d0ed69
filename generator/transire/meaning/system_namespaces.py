"""Namespaces in which a cluster keeps its own, and the labels by which such are chosen.

Which labels kube-system and its like have depends on who set the cluster up; written down on
`AS_OF` are those of Kubernetes' own installers, AKS and OpenShift. A label of an organisation's own
may be on one of them as well.
"""

from __future__ import annotations

from datetime import date

from transire.model.claims import reserved
from transire.model.destinations import Labels

AS_OF = date(2026, 11, 30)

_KNOWN = {
    "addonmanager.kubernetes.io/mode": ("Reconcile",),
    "control-plane": ("true",),
    "kubernetes.azure.com/managedby": ("aks",),
    "kubernetes.io/cluster-service": ("true",),
    "name": ("kube-system",),
    "openshift.io/cluster-monitoring": ("true",),
    "openshift.io/run-level": ("0", "1"),
    "pod-security.kubernetes.io/audit": ("privileged",),
    "pod-security.kubernetes.io/enforce": ("privileged",),
    "pod-security.kubernetes.io/warn": ("privileged",),
}
"""Values of labels that some namespace of a system has, by key."""


def is_of_system(namespace: str, system: tuple[str, ...] = ()) -> bool:
    """Whether a namespace is one of the cluster's own, or of those that a platform calls so."""
    return bool(reserved(namespace)) or namespace in system


def are_of_system(labels: Labels) -> bool:
    """Whether a namespace of a system is known to have each of these labels."""
    return all(value in _KNOWN.get(key, ()) for key, value in labels)
