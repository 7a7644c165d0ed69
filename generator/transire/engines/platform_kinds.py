"""Kinds that the platform's charts hold on every engine."""

from __future__ import annotations

from transire.engines.api.kinds import Kind

_ADMISSION = tuple(
    Kind(group="admissionregistration.k8s.io", kind=kind, resource=resource, namespaced=False)
    for kind, resource in (
        ("ValidatingAdmissionPolicy", "validatingadmissionpolicies"),
        ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
    )
)
CLUSTER_ROLES = tuple(
    Kind(group="rbac.authorization.k8s.io", kind=kind, resource=resource, namespaced=False)
    for kind, resource in (
        ("ClusterRole", "clusterroles"),
        ("ClusterRoleBinding", "clusterrolebindings"),
    )
)
"""What `egress-tier` grants access to its tier with."""


def admission_kinds(*, admission: bool) -> tuple[Kind, ...]:
    """Kinds with which the baseline reserves egress policies for the publishing accounts."""
    return _ADMISSION if admission else ()


def tier_role(tier: str) -> str:
    """What `egress-tier` calls the role and the binding of its tier."""
    return f"egress-tier-{tier}"
