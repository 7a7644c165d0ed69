"""Kinds that the platform's charts hold on every engine."""

from __future__ import annotations

from transire.engines.api.kinds import Kind

ADMISSION_KINDS = tuple(
    Kind(group="admissionregistration.k8s.io", kind=kind, resource=resource, namespaced=False)
    for kind, resource in (
        ("ValidatingAdmissionPolicy", "validatingadmissionpolicies"),
        ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
    )
)
"""What reserves egress policies for the publishing accounts."""
ADMISSION_NAME = "egress-baseline"
"""What `egress-baseline` calls the admission policy and its binding."""
CLUSTER_ROLES = tuple(
    Kind(group="rbac.authorization.k8s.io", kind=kind, resource=resource, namespaced=False)
    for kind, resource in (
        ("ClusterRole", "clusterroles"),
        ("ClusterRoleBinding", "clusterrolebindings"),
    )
)
"""What `egress-tier` grants access to its tier with."""


def tier_role(tier: str) -> str:
    """What `egress-tier` calls the role and the binding of its tier."""
    return f"egress-tier-{tier}"
