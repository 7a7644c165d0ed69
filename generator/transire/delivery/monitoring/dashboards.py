"""Dashboards for Grafana: one for the organisation, one for each team.

They name no data source: a variable does. Schema: Grafana's dashboard JSON, version 36, which
Grafana 10 and later read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from transire.delivery.monitoring.observe import observed
from transire.engines.registry import engine_of
from transire.meaning.target import all_targets, targets_of, targets_without_team
from transire.model.intent import Cluster, Organisation, Team
from transire.model.observation import Monitoring

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_SCHEMA = 36
_WIDTH, _HEIGHT = 12, 8
_MOST_ID = 40
"""Characters that Grafana takes of a dashboard's uid."""


def organisation_dashboard(organisation: Organisation, monitoring: Monitoring) -> str:
    """All clusters and namespaces; text with a newline at its end."""
    clusters = _watched(organisation, monitoring)
    names = {each.namespace for each in all_targets(organisation)}
    names |= {
        each.namespace for one in clusters for each in targets_without_team(organisation, one)
    }
    title = f"Egress of {organisation.platform.organisation or 'all teams'}"
    return _dashboard(
        uid="transire",
        title=title,
        organisation=organisation,
        monitoring=monitoring,
        clusters=clusters,
        namespaces=names,
    )


def team_dashboard(organisation: Organisation, monitoring: Monitoring, team: Team) -> str:
    """The team's clusters and namespaces; text with a newline at its end."""
    targets = targets_of(organisation, team)
    on = {each.cluster.name for each in targets}
    clusters = [each for each in _watched(organisation, monitoring) if each.name in on]
    names = {each.namespace for each in targets}
    title = f"Egress of team {team.name}"
    return _dashboard(
        uid=f"transire-{team.name}",
        title=title,
        organisation=organisation,
        monitoring=monitoring,
        clusters=clusters,
        namespaces=names,
        team=team.name,
    )


def _watched(organisation: Organisation, monitoring: Monitoring) -> list[Cluster]:
    return [each for each in organisation.platform.clusters if monitoring.has(each.name)]


def _dashboard(
    *,
    uid: str,
    title: str,
    organisation: Organisation,
    monitoring: Monitoring,
    clusters: Sequence[Cluster],
    namespaces: Iterable[str],
    team: str = "",
) -> str:
    panels = {**_alerts(team), **dict(_panels(organisation, monitoring, clusters))}
    tree = {
        "uid": _short(uid),
        "title": title,
        "tags": ["egress", "transire"],
        "editable": False,
        "schemaVersion": _SCHEMA,
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": list(_variables(monitoring, clusters, sorted(namespaces)))},
        "panels": [
            _panel(number, name, query) for number, (name, query) in enumerate(panels.items())
        ],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _short(uid: str) -> str:
    if len(uid) <= _MOST_ID:
        return uid
    return f"transire-{hashlib.sha256(uid.encode()).hexdigest()[:16]}"


def _alerts(team: str) -> Mapping[str, str]:
    of_team = f',team="{team}"' if team else ""
    return {
        "alerts that fire": "sum by (alertname, target_cluster, namespace) "
        f'(ALERTS{{alertstate="firing",part_of="transire"{of_team}}})'
    }


def _panels(
    organisation: Organisation, monitoring: Monitoring, clusters: Sequence[Cluster]
) -> Iterator[tuple[str, str]]:
    """What the engines show, by engine; an engine's query is there once."""
    label = monitoring.cluster_label
    matcher = f'{label}=~"$cluster"' if label else ""
    for cluster in clusters:
        engine = engine_of(cluster.release)
        queries = engine.observation.panels(observed(organisation, cluster))
        for name, query in queries.items():
            yield f"{engine.title}: {name}", query.replace("CLUSTER", matcher)


def _variables(
    monitoring: Monitoring, clusters: Sequence[Cluster], namespaces: Sequence[str]
) -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Data source", "type": "datasource",
           "query": "prometheus"}  # fmt: skip
    if monitoring.cluster_label:
        yield _choice("cluster", "Cluster", [each.name for each in clusters])
    yield _choice("namespace", "Namespace", namespaces)


def _choice(name: str, label: str, values: Sequence[str]) -> dict[str, Any]:
    """A variable with these values, of which several or all may be chosen."""
    every = {"selected": True, "text": ["All"], "value": ["$__all"]}
    options = [{"selected": False, "text": each, "value": each} for each in values]
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": ",".join(values),
        "multi": True,
        "includeAll": True,
        "current": every,
        "options": [{"selected": True, "text": "All", "value": "$__all"}, *options],
    }


def _panel(number: int, title: str, query: str) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": _SOURCE,
        "gridPos": {
            "h": _HEIGHT,
            "w": _WIDTH,
            "x": number % 2 * _WIDTH,
            "y": number // 2 * _HEIGHT,
        },
        "targets": [{"refId": "A", "datasource": _SOURCE, "expr": query}],
        "fieldConfig": {"defaults": {"unit": "short", "min": 0}, "overrides": []},
    }
