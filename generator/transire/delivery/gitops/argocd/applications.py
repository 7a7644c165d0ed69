"""Argo CD Applications: one release each, pinned, healed and never taken away by itself.

The root that syncs them compares and heals the fields that are written here, and no other. So
fields with which somebody could bend a chart are written as well. That works for texts, flags and
lists, which are replaced as a whole. What is added to a map stays there, unless `guard` refuses
it.

A list of a source, and the ignored differences, are never empty: Argo CD keeps a copy of what it
compared without empty lists, and finds an empty one different from its copy for ever, so that it
would fetch and compare again without end (`ApplicationSource.Equals` and `alreadyAttemptedSync` of
Argo CD 3.5 use `reflect.DeepEqual`). They hold one item that has no effect.
"""

from __future__ import annotations

from dataclasses import dataclass

from transire.charts.layout import BASELINE, TIER, PinnedChart, Pins, pinned, team_place
from transire.delivery.gitops.argocd.projects import API, ARGOCD, STAYS, repository
from transire.delivery.gitops.manifests_file import Object, named
from transire.delivery.gitops.publication import ClusterPublication, TeamPublication
from transire.delivery.gitops.release_names import (
    baseline_release,
    platform_project,
    team_project,
    team_release,
    tier_release,
)
from transire.engines.registry import engine_of
from transire.model.accounts import NAMESPACE
from transire.yamlio import YamlTree

_PARAMETER: YamlTree = {"name": "global.parameters", "value": "none"}
"""No chart of ours reads `global`."""
_FILE_PARAMETER: YamlTree = {"name": "global.fileParameters", "path": "Chart.yaml"}
_IGNORED: YamlTree = {"group": "transire", "kind": "None", "jsonPointers": ["/none"]}
"""A difference of objects that do not exist."""

_TOGETHER = -1
"""The wave of the baseline and of teams: neither waits for the other, see `docs/publishing.md`."""

RELEASE = "egress"
"""The release name that charts are rendered with; Argo CD keeps no releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """What one Application differs in from the others."""

    name: str
    project: str
    chart: PinnedChart
    values: str
    namespace: str
    wave: int
    source: str
    team: str = ""
    prune: bool = True


def team_applications(
    view: ClusterPublication, held: TeamPublication, pins: Pins
) -> tuple[Object, ...]:
    """One Application for each namespace that the team publishes to the cluster."""
    cluster, team = view.cluster.name, held.team
    chart = pinned(pins, team_place(team.name))
    return tuple(
        _application(
            view,
            _Release(
                name=team_release(team.name, namespace, cluster),
                project=team_project(team.name, cluster),
                chart=chart,
                values=f"targets/{namespace}.{cluster}.yaml",
                namespace=namespace,
                wave=_TOGETHER,
                source=f"{team.path}#namespaces.{namespace}",
                team=team.name,
            ),
        )
        for namespace in held.namespaces
    )


def platform_applications(view: ClusterPublication, pins: Pins) -> tuple[Object, ...]:
    """The tier, where the engine has one, then the baseline.

    The tier is never pruned: without it Calico refuses every policy inside, which opens.
    """
    tier = [_platform(view, pins, TIER)] if view.tiered else []
    return (*tier, _platform(view, pins, BASELINE))


def _platform(view: ClusterPublication, pins: Pins, place: str) -> Object:
    cluster = view.cluster.name
    is_tier = place == TIER
    return _application(
        view,
        _Release(
            name=tier_release(cluster) if is_tier else baseline_release(cluster),
            project=platform_project(cluster),
            chart=pinned(pins, place),
            values=f"targets/{cluster}.yaml",
            namespace=NAMESPACE,
            wave=-2 if is_tier else _TOGETHER,
            source=view.source,
            prune=not is_tier,
        ),
    )


def _application(view: ClusterPublication, release: _Release) -> Object:
    labels = {"transire/cluster": view.cluster.name}
    if release.team:
        labels["transire/team"] = release.team
    annotations = {
        "argocd.argoproj.io/sync-options": STAYS,
        "argocd.argoproj.io/sync-wave": str(release.wave),
        "transire/source": release.source,
        "transire/version": release.chart.pin.version,
    }
    if engine_of(view.cluster.release).applied_by_server(view.cluster.release):
        annotations["argocd.argoproj.io/compare-options"] = "ServerSideDiff=true"
    application = named(
        api=API,
        kind="Application",
        name=release.name,
        namespace=ARGOCD,
        labels=labels,
        annotations=annotations,
    )
    spec: Object = {
        "project": release.project,
        "source": _source(view, release),
        # Several sources count instead of the one above.
        "sources": [],
        "ignoreDifferences": [_IGNORED],
        "destination": {"name": view.cluster.name, "namespace": release.namespace},
        "syncPolicy": _sync_policy(view, release),
    }
    return {**application, "spec": spec}


def _source(view: ClusterPublication, release: _Release) -> Object:
    publish, chart = view.platform.publish, release.chart
    if publish.registry:
        place: Object = {"path": ".", "targetRevision": chart.pin.digest or chart.pin.version}
    else:
        # In full: `a-1.2.3` may also be a branch, and `1-2.3.0` reads as a range of versions.
        folder = publish.in_git(chart.folder)
        place = {"path": folder, "targetRevision": f"refs/tags/{chart.pin.tag}"}
    return {
        "repoURL": repository(publish, chart.place),
        **place,
        "helm": {
            "releaseName": RELEASE,
            "valueFiles": [release.values],
            # Each of these comes after the files, and so before what they hold.
            "values": "",
            "parameters": [_PARAMETER],
            "fileParameters": [_FILE_PARAMETER],
            "passCredentials": False,
            "ignoreMissingValueFiles": False,
            "skipSchemaValidation": False,
        },
    }


def _sync_policy(view: ClusterPublication, release: _Release) -> Object:
    options: list[YamlTree] = [
        "CreateNamespace=false",
        "Delete=false",
        "FailOnSharedResource=true",
        "PruneLast=true",
        "PrunePropagationPolicy=background",
        "Validate=true",
    ]
    if engine_of(view.cluster.release).applied_by_server(view.cluster.release):
        options.append("ServerSideApply=true")
    if not release.prune:
        options.append("Prune=false")
    return {
        "automated": {
            "enabled": True,
            "prune": release.prune,
            "selfHeal": True,
            "allowEmpty": False,
        },
        "retry": {
            "limit": -1,
            "refresh": True,
            "backoff": {"duration": "10s", "factor": 2, "maxDuration": "1m"},
        },
        "syncOptions": options,
    }
