"""Files with alerts and dashboards, where `monitoring` is in the platform's file."""

from __future__ import annotations

from collections.abc import Iterator

from transire.delivery.gitops.manifests_file import ObjectFile, named, text
from transire.delivery.monitoring.dashboards import organisation_dashboard, team_dashboard
from transire.delivery.monitoring.rules import Watched, platform_groups, team_groups
from transire.model.intent import Organisation
from transire.model.observation import Monitoring
from transire.workspace.file_plan import DASHBOARDS, GENERATED, MONITORING
from transire.yamlio import YamlTree, write

PLATFORM = "platform"


def monitoring_files(organisation: Organisation) -> dict[str, bytes]:
    """Rules for Prometheus and dashboards for Grafana, by path; none where nobody wants them."""
    monitoring = organisation.platform.monitoring
    if monitoring is None:
        return {}
    found = dict(_rule_files(organisation, monitoring))
    found[f"{DASHBOARDS}/organisation.json"] = organisation_dashboard(organisation, monitoring)
    for team in organisation.teams:
        if any(monitoring.has(each.cluster) for each in team.publications):
            path = f"{DASHBOARDS}/teams/{team.name}.json"
            found[path] = team_dashboard(organisation, monitoring, team)
    return {path: content.encode() for path, content in found.items()}


def _rule_files(organisation: Organisation, monitoring: Monitoring) -> Iterator[tuple[str, str]]:
    for cluster in organisation.platform.clusters:
        if not monitoring.has(cluster.name):
            continue
        watched = Watched(organisation=organisation, monitoring=monitoring, cluster=cluster)
        yield from _both(watched, PLATFORM, "egress-platform", platform_groups(watched))
        for team in organisation.teams:
            groups = team_groups(watched, team)
            if groups:
                path, name = f"teams/{team.name}", f"egress-team-{team.name}"
                yield from _both(watched, path, name, groups)


def _both(
    watched: Watched, path: str, name: str, groups: list[YamlTree]
) -> Iterator[tuple[str, str]]:
    """The groups as a file for Prometheus, and as an object for its operator."""
    folder = f"{MONITORING}/{watched.cluster.name}"
    spec: dict[str, YamlTree] = {"groups": groups}
    yield f"{folder}/rules/{path}.yaml", write(spec, head=(GENERATED,))
    labels = dict(watched.monitoring.labels)
    head = named(
        api="monitoring.coreos.com/v1",
        kind="PrometheusRule",
        name=name,
        namespace=watched.monitoring.namespace,
        labels=labels,
    )
    file = ObjectFile(objects=({**head, "spec": spec},), head=(GENERATED,))
    yield f"{folder}/objects/{path}.yaml", text(file)
