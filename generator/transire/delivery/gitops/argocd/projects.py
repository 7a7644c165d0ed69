"""Argo CD projects: what an Application may take from where, and write to where.

A project is for one team on one cluster, so it names the kinds of one engine. The platform has one
per cluster for the baseline and the tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.charts.layout import BASELINE, TIER, team_place
from transire.delivery.gitops.manifests_file import Object, named
from transire.delivery.gitops.publication import ClusterPublication, TeamPublication
from transire.delivery.gitops.release_names import platform_project, team_project
from transire.engines.api.kinds import Kind
from transire.engines.platform_kinds import (
    ADMISSION_KINDS,
    ADMISSION_NAME,
    CLUSTER_ROLES,
    tier_role,
)
from transire.model.accounts import APPLIER, NAMESPACE, PLATFORM
from transire.model.publish import Publish
from transire.yamlio import YamlTree

API = "argoproj.io/v1alpha1"
ARGOCD = "argocd"
"""The namespace of Argo CD."""

STAYS = "Prune=false,Delete=false"
"""Sync options of an object that only a person takes away."""

_PROJECT_WAVE = "-3"


def repository(publish: Publish, place: str) -> str:
    """Where Argo CD takes the chart of that place from."""
    return f"{publish.registry.rstrip('/')}/{place}" if publish.registry else publish.git


def team_project_of(view: ClusterPublication, held: TeamPublication) -> Object:
    """The project of what one team publishes to one cluster."""
    cluster, team = view.cluster.name, held.team
    return _project(
        name=team_project(team.name, cluster),
        labels={"transire/team": team.name, "transire/cluster": cluster},
        source=team.path,
        spec={
            "description": f"Egress policies of team {team.name} on {cluster}",
            "sourceRepos": [repository(view.platform.publish, team_place(team.name))],
            "destinations": _destinations(cluster, held.namespaces),
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": _kinds(view.kinds.team),
            "orphanedResources": {"warn": True},
            "destinationServiceAccounts": _accounts(held.namespaces, APPLIER),
        },
    )


def platform_project_of(view: ClusterPublication) -> Object:
    """The project of the baseline and the tier of one cluster.

    Argo CD overlooks what a project does not permit: it neither prunes it nor reports it. So what
    a setting brought stays permitted without the setting, for the sync that takes it away.
    """
    cluster = view.cluster.name
    places = [BASELINE, *([TIER] if view.tiered else [])]
    repositories = sorted({repository(view.platform.publish, place) for place in places})
    return _project(
        name=platform_project(cluster),
        labels={"transire/cluster": cluster},
        source=view.source,
        spec={
            "description": f"Egress baseline of {cluster}",
            "sourceRepos": list[YamlTree](repositories),
            "destinations": _destinations(cluster, [NAMESPACE, *_baseline_namespaces(view)]),
            "clusterResourceWhitelist": [
                *_kinds(view.kinds.cluster_wide),
                *_named_kinds(ADMISSION_KINDS, ADMISSION_NAME),
                *_tier_kinds(view),
            ],
            **_namespaced(view),
            "destinationServiceAccounts": _accounts([NAMESPACE], PLATFORM),
        },
    )


def _project(*, name: str, labels: dict[str, str], source: str, spec: Object) -> Object:
    project = named(
        api=API,
        kind="AppProject",
        name=name,
        namespace=ARGOCD,
        labels=labels,
        annotations={
            "argocd.argoproj.io/sync-options": STAYS,
            "argocd.argoproj.io/sync-wave": _PROJECT_WAVE,
            "transire/source": source,
        },
    )
    return {**project, "spec": spec}


def _destinations(cluster: str, namespaces: Iterable[str]) -> list[YamlTree]:
    return [{"name": cluster, "namespace": each} for each in namespaces]


def _accounts(namespaces: Sequence[str], account: str) -> list[YamlTree]:
    """Whom Argo CD impersonates, where that is switched on; without it, this does nothing.

    The destinations of the project already name the cluster, here there is only its address.
    """
    return [
        {
            "server": "*",
            "namespace": each,
            "defaultServiceAccount": f"{NAMESPACE}:{account}",
        }
        for each in namespaces
    ]


def _kinds(kinds: Iterable[Kind]) -> list[YamlTree]:
    return [{"group": each.group, "kind": each.kind} for each in kinds]


def _tier_kinds(view: ClusterPublication) -> list[YamlTree]:
    """The tier and its role, by name: no other tier and no other role."""
    kind = view.kinds.tier
    if kind is None:
        return []
    tier = view.platform.tier.name
    return [*_named_kinds([kind], tier), *_named_kinds(CLUSTER_ROLES, tier_role(tier))]


def _named_kinds(kinds: Iterable[Kind], name: str) -> list[YamlTree]:
    """One object of each of the kinds."""
    return [{"group": each.group, "kind": each.kind, "name": name} for each in kinds]


def _baseline_namespaces(view: ClusterPublication) -> tuple[str, ...]:
    """Where the baseline writes inside namespaces: on an engine without a cluster-wide kind."""
    return () if view.kinds.cluster_wide else ("*",)


def _namespaced(view: ClusterPublication) -> Object:
    """Which namespaced kinds the baseline may write.

    None is written as denying all: Argo CD drops an empty list when it stores a project, and then
    permits every kind.
    """
    if _baseline_namespaces(view):
        return {"namespaceResourceWhitelist": _kinds(view.kinds.baseline)}
    return {"namespaceResourceBlacklist": [{"group": "*", "kind": "*"}]}
