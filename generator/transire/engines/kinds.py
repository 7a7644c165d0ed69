"""Which kinds of objects the charts hold on each engine.

Projects, roles and health checks name kinds one by one: what is not here cannot be published.
Kinds of both modes are listed wherever the release has them, because a namespace that moves from
audit to enforce needs its staged policies deleted by the same account.
"""

from __future__ import annotations

from transire.engines.api.kinds import Kind
from transire.model.engine import EngineName, Release

CILIUM_GROUP = "cilium.io"
CALICO_GROUP = "projectcalico.org"
NETWORK_POLICY = Kind(group="networking.k8s.io", kind="NetworkPolicy", resource="networkpolicies")
TIER_KIND = Kind(group=CALICO_GROUP, kind="Tier", resource="tiers")
_ADMISSION = tuple(
    Kind(group="admissionregistration.k8s.io", kind=kind, resource=resource)
    for kind, resource in (
        ("ValidatingAdmissionPolicy", "validatingadmissionpolicies"),
        ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
    )
)
CLUSTER_ROLES = tuple(
    Kind(group="rbac.authorization.k8s.io", kind=kind, resource=resource)
    for kind, resource in (
        ("ClusterRole", "clusterroles"),
        ("ClusterRoleBinding", "clusterrolebindings"),
    )
)
"""What `egress-tier` grants access to its tier with."""


def _calico(kind: str) -> Kind:
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return Kind(group=CALICO_GROUP, kind=kind, resource=plural.lower())


def has_staged_kinds(release: Release) -> bool:
    """Whether the release has staged policies: Calico from 3.30 on, and Calico Enterprise."""
    return release.engine is EngineName.CALICO_ENTERPRISE or (
        release.engine is EngineName.CALICO and release.at_least("3.30")
    )


def team_kinds(release: Release) -> tuple[Kind, ...]:
    """Kinds of a team's chart, all namespaced, sorted."""
    if release.engine is EngineName.CILIUM:
        return (
            Kind(group=CILIUM_GROUP, kind="CiliumNetworkPolicy", resource="ciliumnetworkpolicies"),
        )
    if release.engine is EngineName.KUBERNETES:
        return (NETWORK_POLICY,)
    kinds = [_calico("NetworkPolicy")]
    if release.engine is EngineName.CALICO_ENTERPRISE:
        kinds.append(_calico("NetworkSet"))
    if has_staged_kinds(release):
        kinds.append(_calico("StagedNetworkPolicy"))
    return tuple(sorted(kinds))


def baseline_kinds(release: Release) -> tuple[Kind, ...]:
    """Cluster-wide kinds of the baseline, sorted; none on an engine without such a kind."""
    if release.engine is EngineName.CILIUM:
        return (
            Kind(
                group=CILIUM_GROUP,
                kind="CiliumClusterwideNetworkPolicy",
                resource="ciliumclusterwidenetworkpolicies",
            ),
        )
    if release.engine is EngineName.KUBERNETES:
        return ()
    kinds = [_calico("GlobalNetworkPolicy")]
    if release.engine is EngineName.CALICO_ENTERPRISE:
        kinds.append(_calico("GlobalNetworkSet"))
    if has_staged_kinds(release):
        kinds.append(_calico("StagedGlobalNetworkPolicy"))
    return tuple(sorted(kinds))


def admission_kinds(*, admission: bool) -> tuple[Kind, ...]:
    """Kinds with which the baseline reserves egress policies for the publishing accounts."""
    return _ADMISSION if admission else ()


def in_tiers(kind: Kind) -> bool:
    """Whether Calico authorises objects of the kind by their tier as well."""
    return kind.group == CALICO_GROUP and kind.kind.endswith("Policy")


def tier_role(tier: str) -> str:
    """What `egress-tier` calls the role and the binding of its tier."""
    return f"egress-tier-{tier}"
