"""What both Calicos are, as data: releases, what they can do, the kinds of objects we write.

Sources: the API types and documents of each release of Calico and of Calico Enterprise.
"""

from __future__ import annotations

from transire.engines.api.admission import Admission, PolicyWriters, Reserved
from transire.engines.api.capabilities import (
    Audit,
    Capabilities,
    Never,
    OpenConnections,
    Revocation,
    Since,
)
from transire.engines.api.kinds import Kind, Kinds
from transire.engines.api.releases import Releases
from transire.engines.calico.objects.releases import ENTERPRISE as ENTERPRISE_DIALECTS
from transire.engines.calico.objects.releases import OPEN_SOURCE, OPERATOR_TIERS
from transire.model.engine import Release, Traits
from transire.model.intent import Cluster

CALICO = "calico"
ENTERPRISE = "calico-enterprise"
GROUP = "projectcalico.org"
STORAGE = "crd.projectcalico.org"
"""The group in which Calico keeps its objects, and in which nobody should write."""
ENFORCED = ("NetworkPolicy", "GlobalNetworkPolicy")
SETS = ("NetworkSet", "GlobalNetworkSet")
STAGED_SINCE = Since(version="3.30")
"""Open source Calico has staged kinds since then, Calico Enterprise in every modelled release."""

RELEASES = Releases(engine=CALICO, lines=tuple(OPEN_SOURCE))
ENTERPRISE_RELEASES = Releases(engine=ENTERPRISE, lines=tuple(ENTERPRISE_DIALECTS))

REVOCATION = Revocation(
    become=OpenConnections.KEPT,
    ended_by=("the end of the pod that opened them", "either end, by closing them"),
    not_by=("a change of policies, sets or labels", "the end of what a name was resolved to"),
)
"""Packets of established connections are accepted before policies are looked at.

Source: Calico's documentation of network policy, by which a change counts for an open connection
once it is made anew, and the order of rules in `felix/rules/endpoints.go`.
"""

CAPABILITIES = Capabilities(
    hosts=Never(),
    filled_sets=Since(),
    dns_names=Never(),
    server_names=Never(),
    http=Never(),
    service_accounts=Since(),
    agent_flags=Never(),
    nodes=Never(),
    api_server=Since(),
    ingress=Never(),
    icmp=Since(),
    mesh=Never(),
    tier=Since(),
    native_definitions=Since(version="3.32"),
    audit=Audit(support=STAGED_SINCE, through="staged policies", instead="calico 3.30"),
)
ENTERPRISE_CAPABILITIES = Capabilities(
    hosts=Since(),
    filled_sets=Never(),
    dns_names=Never(),
    server_names=Never(),
    http=Never(),
    service_accounts=Since(),
    agent_flags=Never(),
    nodes=Never(),
    api_server=Since(),
    ingress=Never(),
    icmp=Since(),
    mesh=Never(),
    tier=Since(),
    native_definitions=Since(version="3.23"),
    audit=Audit(support=Since(), through="staged policies", instead="calico-enterprise"),
)

RESERVED_TIERS = frozenset(
    tier.name for some in OPEN_SOURCE.values() for each in some for tier in each.tiers
)
"""One for each kind of cluster policy, and the default."""
BUILT_IN_TIERS = RESERVED_TIERS | frozenset(OPERATOR_TIERS)
"""Those, and what only the operator makes."""

TIER = Kind(group=GROUP, kind="Tier", resource="tiers", namespaced=False)
_TIER_ROLES = tuple(
    f"tier.{each}"
    for each in (
        "globalnetworkpolicies",
        "networkpolicies",
        "stagedglobalnetworkpolicies",
        "stagednetworkpolicies",
    )
)


def _kind(kind: str) -> Kind:
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return Kind(
        group=GROUP,
        kind=kind,
        resource=plural.lower(),
        namespaced="Global" not in kind,
        tiered=kind.endswith("Policy"),
        staged=kind.startswith("Staged"),
    )


def kinds(release: Release) -> Kinds:
    """Kinds of open source Calico, staged ones where the release has them."""
    staged = STAGED_SINCE.has(release)
    return Kinds(
        team=tuple(map(_kind, ("NetworkPolicy", *(["StagedNetworkPolicy"] if staged else [])))),
        baseline=tuple(
            map(_kind, ("GlobalNetworkPolicy", *(["StagedGlobalNetworkPolicy"] if staged else [])))
        ),
        tier=TIER,
        tier_roles=_TIER_ROLES,
    )


def enterprise_kinds(release: Release) -> Kinds:
    """Kinds of Calico Enterprise, where sets hold the domains."""
    del release
    return Kinds(
        team=tuple(map(_kind, ("NetworkPolicy", "NetworkSet", "StagedNetworkPolicy"))),
        baseline=tuple(
            map(_kind, ("GlobalNetworkPolicy", "GlobalNetworkSet", "StagedGlobalNetworkPolicy"))
        ),
        tier=TIER,
        tier_roles=_TIER_ROLES,
    )


def traits(cluster: Cluster) -> Traits:
    """Everything is known by address, and there are no names."""
    del cluster
    return Traits(by_identity=False, ranges_match_nodes=True, hosts=False, before_translation=False)


def enterprise_traits(cluster: Cluster) -> Traits:
    """Everything is known by address; names are in sets."""
    del cluster
    return Traits(by_identity=False, ranges_match_nodes=True, hosts=True, before_translation=False)


def applied_by_server(release: Release) -> bool:
    """Whether policies are applied by the server, which refuses fields it does not know.

    A client-side apply lets unknown fields pass, and what is left of a rule often opens more
    (argoproj/argo-cd#16817). Calico 3.32.0 is the exception: its API server returns NotFound for
    every server-side create (projectcalico/calico#12906, mended in 3.32.1), so a cluster that may
    run it gets client-side applies.
    """
    version = release.version
    return version is None or version.line != (3, 32) or bool(version.patch)


_RESOURCES = (
    "felixconfigurations",
    "globalnetworkpolicies",
    "globalnetworksets",
    "hostendpoints",
    "ippools",
    "networkpolicies",
    "networksets",
    "profiles",
    "stagedglobalnetworkpolicies",
    "stagedkubernetesnetworkpolicies",
    "stagednetworkpolicies",
    "tiers",
)
_NODES = (
    "system:serviceaccount:calico-system:calico-node",
    "system:serviceaccount:kube-system:calico-node",
)
ADMISSION = Admission(
    reserved=tuple(Reserved(group=group, resources=_RESOURCES) for group in (GROUP, STORAGE)),
    beside=(),
    writers=(
        PolicyWriters(
            users=(
                "system:serviceaccount:calico-system:calico-kube-controllers",
                "system:serviceaccount:kube-system:calico-kube-controllers",
                "system:serviceaccount:tigera-operator:tigera-operator",
            )
        ),
        PolicyWriters(
            users=(
                "system:serviceaccount:calico-apiserver:calico-apiserver",
                "system:serviceaccount:calico-system:calico-apiserver",
                "system:serviceaccount:tigera-system:tigera-apiserver",
            ),
            group=STORAGE,
        ),
        PolicyWriters(users=_NODES, resource="tiers", operation="CREATE"),
        PolicyWriters(users=_NODES, resource="ippools", operation="CREATE"),
        PolicyWriters(users=_NODES, resource="felixconfigurations", operation="CREATE"),
        PolicyWriters(users=_NODES, resource="felixconfigurations", operation="UPDATE"),
    ),
    finalizers=(),
)
"""The aggregated API server keeps every object in its storage and holds admission itself;
calico-node makes the tiers, the pools and the settings it starts with, and completes the settings.
Settings can turn policies off on every node, and pools change the addresses that pods leave with.
"""
