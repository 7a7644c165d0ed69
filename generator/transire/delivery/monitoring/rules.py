"""Alerts of a cluster as groups of rules, by team, and the platform's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from transire.delivery.monitoring.observe import AbsentMetric, observed
from transire.delivery.monitoring.own_alerts import (
    VERIFY_METRICS,
    drift_alerts,
    expiry_alerts,
    near,
    waiver_alerts,
)
from transire.delivery.monitoring.proxies import proxies_of, proxy_alerts, proxy_metrics
from transire.engines.api.observation import Alert, AlertScope, Metric
from transire.engines.registry import engine_of
from transire.meaning.target import Target, targets_of, targets_without_team
from transire.model.ends import End
from transire.model.intent import Cluster, Mode, Organisation, Team
from transire.model.observation import Monitoring
from transire.yamlio import YamlTree

RUNBOOKS = "docs/operations"
"""Where the page of each alert is, as `alert-ID.md`."""
OURS = {"part_of": "transire"}
"""The label of every alert of ours; no metric that they read has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One cluster with what its alerts are made of."""

    organisation: Organisation
    monitoring: Monitoring
    cluster: Cluster

    @property
    def days(self) -> int:
        """How many days before an end alerts begin."""
        return self.organisation.platform.guardrails.expires_soon_days

    @property
    def matcher(self) -> str:
        """What picks the series of the cluster among those of others."""
        label = self.monitoring.cluster_label
        return f'{label}="{self.cluster.name}"' if label else ""

    def alerts(self) -> tuple[Alert, ...]:
        """Those of the engine and of the proxies."""
        seen = observed(self.organisation, self.cluster)
        engine = engine_of(self.cluster.release).observation
        return (*engine.alerts(seen), *proxy_alerts(proxies_of(seen, self.monitoring)))

    def metrics(self) -> tuple[Metric, ...]:
        """Every metric that is switched on for alerts and dashboards."""
        seen = observed(self.organisation, self.cluster)
        engine = engine_of(self.cluster.release).observation
        return (
            *engine.metrics(seen),
            *proxy_metrics(proxies_of(seen, self.monitoring)),
            *VERIFY_METRICS,
        )


def team_groups(watched: Watched, team: Team) -> list[YamlTree]:
    """A group for each namespace of the team on the cluster, and one for what ends."""
    ends = {
        each.namespace: each.until
        for each in team.publications
        if each.cluster == watched.cluster.name
    }
    targets = [
        each
        for each in targets_of(watched.organisation, team)
        if each.cluster.name == watched.cluster.name
    ]
    owner = {"team": team.name, "owner": team.contact}
    groups = [
        _group(watched, (*_path(watched, team.name), each.namespace), alerts, owner)
        for each in targets
        for alerts in [tuple(_of_namespace(watched, each, ends[each.namespace]))]
    ]
    rules = {rule.name: rule for each in targets for rule in each.rules}.values()
    expiring = tuple(expiry_alerts(rules, watched.days))
    groups.append(_group(watched, (*_path(watched, team.name), "ends"), expiring, owner))
    return [each for each in groups if each["rules"]]


def platform_groups(watched: Watched) -> list[YamlTree]:
    """What is about the whole cluster, and about namespaces that no team has."""
    platform = watched.organisation.platform
    owners = platform.codeowners.platform if platform.codeowners else ()
    owner = {"team": "platform", "owner": " ".join(owners) or "platform"}
    path = _path(watched, "platform")
    of_cluster = (
        *(each for each in watched.alerts() if each.scope is AlertScope.CLUSTER),
        *drift_alerts(watched.cluster.name),
    )
    groups = [_group(watched, (*path, "cluster"), of_cluster, owner)]
    for target in targets_without_team(watched.organisation, watched.cluster):
        alerts = tuple(_of_namespace(watched, target, platform.until))
        groups.append(_group(watched, (*path, target.namespace), alerts, owner))
    ending = (
        *expiry_alerts(platform.everyone, watched.days),
        *waiver_alerts(watched.organisation, watched.days),
    )
    groups.append(_group(watched, (*path, "ends"), ending, owner))
    return [each for each in groups if each["rules"]]


def absent_metrics(watched: Watched, names: AbstractSet[str]) -> tuple[AbsentMetric, ...]:
    """The metrics that alerts read and that are not among the names, sorted."""
    readers: dict[str, set[str]] = {}
    for alert in (*watched.alerts(), *drift_alerts(watched.cluster.name)):
        for name in alert.metrics:
            readers.setdefault(name, set()).add(alert_name(alert.id))
    switches = {each.name: each.switch for each in watched.metrics()}
    return tuple(
        AbsentMetric(name=name, switch=switches[name], alerts=tuple(sorted(alerts)))
        for name, alerts in sorted(readers.items())
        if name not in names
    )


def _path(watched: Watched, name: str) -> tuple[str, ...]:
    return ("egress", watched.cluster.name, name)


def _of_namespace(watched: Watched, target: Target, end: End | None) -> Iterator[Alert]:
    """Alerts about one namespace: denials where policies are enforced, else the end of audit."""
    scope = AlertScope.AUDITED if target.mode is Mode.AUDIT else AlertScope.NAMESPACE
    for alert in watched.alerts():
        if alert.scope is not scope:
            continue
        filled = replace(
            alert,
            expr=alert.expr.replace("NAMESPACE", target.namespace),
            summary=alert.summary.replace("NAMESPACE", target.namespace),
        )
        if scope is AlertScope.NAMESPACE:
            yield filled
        elif end is not None:
            yield replace(filled, expr=f"({filled.expr}) and on () ({near(end, watched.days)})")


def _group(
    watched: Watched, path: Iterable[str], alerts: tuple[Alert, ...], owner: Mapping[str, str]
) -> dict[str, YamlTree]:
    *_, last = path = tuple(path)
    namespace = {} if last in {"ends", "cluster"} else {"namespace": last}
    rules: list[YamlTree] = [_rule(watched, each, {**namespace, **owner}) for each in alerts]
    return {"name": ".".join(path), "rules": rules}


def _rule(watched: Watched, alert: Alert, labels: Mapping[str, str]) -> YamlTree:
    """One rule; what ends has no label of the cluster, so that it is notified once for all."""
    expr = alert.expr.replace("CLUSTER", watched.matcher)
    everywhere = alert.id == "entry-expires"
    where = {} if everywhere else {"target_cluster": watched.cluster.name}
    found = {**where, **labels, **dict(alert.labels), "severity": alert.severity, **OURS}
    runbooks = watched.monitoring.runbooks
    page = f"{RUNBOOKS}/alert-{alert.id}.md"
    annotations = {
        "summary": as_text(alert.summary),
        "runbook": f"transire docs {page.removeprefix('docs/').removesuffix('.md')}",
        **({"runbook_url": f"{runbooks}/{page.removeprefix('docs/')}"} if runbooks else {}),
    }
    return {
        "alert": alert_name(alert.id),
        "expr": expr,
        "for": alert.hold,
        "labels": {key: as_text(value) for key, value in sorted(found.items())},
        "annotations": annotations,
    }


def alert_name(identifier: str) -> str:
    """`egress-denied` as Prometheus has names of alerts, `EgressDenied`."""
    return "".join(part.capitalize() for part in identifier.split("-"))


def as_text(text: str) -> str:
    """The text where Prometheus expects a template, whatever stands in it."""
    return text.replace("{{", '{{ "{{" }}')
