"""Flux HelmReleases: pinned, healed, retried and never uninstalled by themselves.

The Kustomization that applies them heals the fields that are written here. Of the others it undoes
what kubectl changed, and nothing else. So fields with which somebody could bend a chart are written
as well, empty. That works for flags and lists. What is added to a map stays there, unless `guard`
refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass

from transire.charts.layout import BASELINE, TIER, PinnedChart, Pins, pinned, team_place
from transire.delivery.gitops.flux.sources import (
    UNTOUCHED,
    chart_template,
    own_source,
    shared_sources,
)
from transire.delivery.gitops.health import flux_health
from transire.delivery.gitops.manifests_file import Object, named
from transire.delivery.gitops.publication import ClusterPublication, TeamPublication
from transire.delivery.gitops.release_names import (
    baseline_release,
    helm_release,
    team_release,
    tier_release,
)
from transire.engines.api.kinds import Kind
from transire.engines.registry import engine_of
from transire.model.accounts import APPLIER, NAMESPACE, PLATFORM
from transire.yamlio import YamlTree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """What one HelmRelease differs in from the others."""

    name: str
    chart: PinnedChart
    values: str
    namespace: str
    account: str
    after: tuple[str, ...]
    kinds: tuple[Kind, ...]
    source: str
    team: str = ""


def team_objects(view: ClusterPublication, held: TeamPublication, pins: Pins) -> tuple[Object, ...]:
    """The team's source, where it has one of its own, and a HelmRelease for each namespace."""
    cluster, team = view.cluster.name, held.team
    chart = pinned(pins, team_place(team.name))
    releases = (
        _helm_release(
            view,
            _Release(
                name=team_release(team.name, namespace, cluster),
                chart=chart,
                values=f"targets/{namespace}.{cluster}.yaml",
                namespace=namespace,
                account=APPLIER,
                after=_after(view),
                kinds=view.kinds.team,
                source=f"{team.path}#namespaces.{namespace}",
                team=team.name,
            ),
        )
        for namespace in held.namespaces
    )
    return (*own_source(view.platform.publish, chart), *releases)


def platform_objects(view: ClusterPublication, pins: Pins) -> tuple[Object, ...]:
    """The sources of the platform, then the tier, where the engine has one, then the baseline."""
    publish = view.platform.publish
    places = [*([TIER] if view.tiered else []), BASELINE]
    sources = (each for place in places for each in own_source(publish, pinned(pins, place)))
    releases = (_platform(view, pins, place) for place in places)
    return (*shared_sources(publish), *sources, *releases)


def _platform(view: ClusterPublication, pins: Pins, place: str) -> Object:
    cluster = view.cluster.name
    is_tier = place == TIER
    return _helm_release(
        view,
        _Release(
            name=tier_release(cluster) if is_tier else baseline_release(cluster),
            chart=pinned(pins, place),
            values=f"targets/{cluster}.yaml",
            namespace=NAMESPACE,
            account=PLATFORM,
            after=() if is_tier else _after(view),
            kinds=view.kinds.cluster_wide,
            source=view.source,
        ),
    )


def _after(view: ClusterPublication) -> tuple[str, ...]:
    """The tier, where there is one: without it Calico refuses every policy in it.

    Teams do not wait for the baseline. A release that waits is looked at again after 30 seconds,
    and for so long a namespace would be closed by the cluster and not yet opened by its team.
    """
    return (tier_release(view.cluster.name),) if view.tiered else ()


def _helm_release(view: ClusterPublication, release: _Release) -> Object:
    labels = {"transire/cluster": view.cluster.name}
    if release.team:
        labels["transire/team"] = release.team
    head = named(
        api="helm.toolkit.fluxcd.io/v2",
        kind="HelmRelease",
        name=release.name,
        namespace=NAMESPACE,
        labels=labels,
        annotations={
            "kustomize.toolkit.fluxcd.io/prune": "disabled",
            **UNTOUCHED,
            "transire/source": release.source,
            "transire/version": release.chart.pin.version,
        },
    )
    return {**head, "spec": _spec(view, release)}


def _spec(view: ClusterPublication, release: _Release) -> Object:
    chart = chart_template(view.platform.publish, release.chart, release.values)
    spec: Object = {
        "interval": "5m",
        "timeout": "5m",
        "releaseName": helm_release(release.name),
        "targetNamespace": release.namespace,
        "storageNamespace": NAMESPACE,
        "serviceAccountName": release.account,
        "chart": {"spec": chart},
        "valuesFrom": [],
        "postRenderers": [],
    }
    if release.after:
        spec["dependsOn"] = [{"name": each, "namespace": NAMESPACE} for each in release.after]
    by_server = engine_of(view.cluster.release).applied_by_server(view.cluster.release)
    spec["install"] = {"createNamespace": False, **_action(), "serverSideApply": by_server}
    spec["upgrade"] = {
        "chartNameChangeStrategy": "InPlaceUpdate",
        **_action(),
        "force": False,
        "preserveValues": False,
        "serverSideApply": "enabled" if by_server else "disabled",
    }
    spec["driftDetection"] = {"mode": "enabled", "ignore": []}
    checks = flux_health(view.cluster, release.kinds)
    if checks:
        spec["healthCheckExprs"] = checks
    return spec


def _action() -> dict[str, YamlTree]:
    """What holds for installing and upgrading alike.

    A failure is tried again and never undone: undoing would uninstall, or bring back a host that
    was just taken away. Objects of another release are left to it.
    """
    return {
        "crds": "Skip",
        "disableSchemaValidation": False,
        "disableOpenAPIValidation": False,
        "disableTakeOwnership": True,
        "strategy": {"name": "RetryOnFailure", "retryInterval": "30s"},
    }
