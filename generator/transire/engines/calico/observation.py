"""What Calico and Calico Enterprise show: flow logs, DNS logs, and metrics of Felix.

Sources: the reference of FelixConfiguration of both products (`config-params.json` of Enterprise),
the page on policy metrics of Enterprise, and the design of Goldmane.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.engines.api.observation import (
    Alert,
    AlertScope,
    Metric,
    Observation,
    Observed,
    Setting,
    Unseen,
)
from transire.engines.calico.facts import STAGED_SINCE
from transire.yamlio import YamlTree

_FLUSH = "15s"
"""Goldmane keeps flows by this many seconds."""
_REPORTER_PORT = 9081
"""Where the manifests of Enterprise have the metrics of policies."""
_FAILURES = "felix_int_dataplane_failures"
_DENIED = "calico_denied_packets"
_BY_RULE = "cnx_policy_rule_packets"
_RELEASED = "felix_dns_packet_nfqueue_monitor_packets_released_timeout"


def _felix(spec: Mapping[str, YamlTree], *notes: str) -> Setting:
    return Setting(
        file="felix-patch.yaml",
        title="settings of Felix",
        applied="kubectl patch felixconfigurations.projectcalico.org default --type merge "
        "--patch-file FILE",
        tree={"spec": dict(spec)},
        notes=notes,
    )


def _settings(observed: Observed) -> tuple[Setting, ...]:
    spec: dict[str, YamlTree] = {}
    if observed.windows:
        spec["flowLogsFlushInterval"] = _FLUSH
    if observed.metrics:
        spec["prometheusMetricsEnabled"] = True
    found = [_felix(spec)] if spec else []
    if observed.windows and STAGED_SINCE.has(observed.cluster.release):
        found += [_operator("Goldmane", "goldmane"), _operator("Whisker", "whisker")]
    return tuple(found)


def _operator(kind: str, file: str) -> Setting:
    return Setting(
        file=f"{file}.yaml",
        title=f"{kind}, which the operator runs",
        applied="kubectl apply -f FILE",
        tree={
            "apiVersion": "operator.tigera.io/v1",
            "kind": kind,
            "metadata": {"name": "default"},
        },
        notes=("Flows are kept for an hour, in memory: read them before they are gone.",),
    )


def _metrics(observed: Observed) -> tuple[Metric, ...]:
    if not observed.metrics:
        return ()
    return (Metric(name=_FAILURES, switch="prometheusMetricsEnabled"),)


def _alerts(observed: Observed) -> tuple[Alert, ...]:
    del observed
    return (
        Alert(
            id="policy-change-failed",
            summary="Felix could not program policies, and tries again",
            expr=f"sum(increase({_FAILURES}{{CLUSTER}}[15m])) > 0",
            hold="5m",
            severity="critical",
            scope=AlertScope.CLUSTER,
            metrics=(_FAILURES,),
        ),
        Alert(
            id="metrics-missing",
            summary="Prometheus has no metrics of Felix",
            expr=f"absent({_FAILURES}{{CLUSTER}})",
            hold="30m",
            severity="warning",
            scope=AlertScope.CLUSTER,
            metrics=(_FAILURES,),
        ),
    )


def _unseen(observed: Observed) -> tuple[Unseen, ...]:
    found = [
        Unseen(
            what="denied packets as a metric: Felix of open source Calico counts none",
            instead="flows of Goldmane, or metrics of the proxy that hosts are delegated to",
        ),
        Unseen(
            what="names: flows have the set of addresses that a destination is in, or none",
            instead="lookups that CoreDNS logs",
        ),
        Unseen(
            what="flows of more than an hour ago",
            instead="a job that reads Whisker every hour",
        ),
    ]
    if not STAGED_SINCE.has(observed.cluster.release):
        found.append(
            Unseen(
                what=f"flows: {observed.cluster.release} has no Goldmane",
                instead=f"Calico {STAGED_SINCE.version}",
            )
        )
    return tuple(found)


def _panels(observed: Observed) -> Mapping[str, str]:
    del observed
    return MappingProxyType({"failures of Felix": f"sum(rate({_FAILURES}{{CLUSTER}}[5m]))"})


def _enterprise_settings(observed: Observed) -> tuple[Setting, ...]:
    spec: dict[str, YamlTree] = {}
    if observed.windows:
        spec |= {
            "flowLogsFileEnabled": True,
            "flowLogsFileAggregationKindForAllowed": 1,
            "flowLogsFileDomainsLimit": 100,
            "flowLogsFileIncludePolicies": True,
            "flowLogsFileIncludeLabels": True,
            "dnsLogsFileEnabled": True,
            "dnsLogsFileAggregationKind": 0,
            "dnsLogsFileIncludeLabels": True,
            "dnsLogsFilePerNodeLimit": 0,
        }
    if observed.metrics:
        spec |= {
            "prometheusMetricsEnabled": True,
            "prometheusReporterEnabled": True,
            "prometheusReporterPort": _REPORTER_PORT,
        }
    if not spec:
        return ()
    notes = ["These settings are for the whole cluster, and have no end: take them back by hand."]
    if observed.windows:
        notes.append("Lines grow: allowed flows are kept by pod prefix and destination address.")
    return (_felix(spec, *notes),)


def _enterprise_metrics(observed: Observed) -> tuple[Metric, ...]:
    if not observed.metrics:
        return ()
    return (
        Metric(name=_DENIED, switch="prometheusReporterEnabled"),
        Metric(name=_BY_RULE, switch="prometheusReporterEnabled"),
        Metric(name=_FAILURES, switch="prometheusMetricsEnabled"),
        Metric(name=_RELEASED, switch="prometheusMetricsEnabled"),
    )


def _enterprise_alerts(observed: Observed) -> tuple[Alert, ...]:
    tier = observed.tier.name
    return (
        Alert(
            id="egress-denied",
            summary="pods of NAMESPACE keep trying what no rule allows",
            expr=f"sum by (policy) (increase({_DENIED}"
            f'{{policy=~"{tier}[|]NAMESPACE/.*",CLUSTER}}[5m])) > 5',
            hold="10m",
            severity="warning",
            scope=AlertScope.NAMESPACE,
            metrics=(_DENIED,),
        ),
        Alert(
            id="audit-would-deny",
            summary="audit of NAMESPACE ends soon, and would deny what pods do",
            expr=f'sum by (policy) (increase({_BY_RULE}{{tier="{tier}",namespace="NAMESPACE",'
            'policy=~"staged:.*",action="deny",rule_direction="egress",CLUSTER}[1d])) > 0',
            hold="15m",
            severity="warning",
            scope=AlertScope.AUDITED,
            metrics=(_BY_RULE,),
        ),
        Alert(
            id="dns-proxy-slow",
            summary="packets to names went on before their address was open, and were dropped",
            expr=f"sum(increase({_RELEASED}{{CLUSTER}}[15m])) > 0",
            hold="15m",
            severity="warning",
            scope=AlertScope.CLUSTER,
            metrics=(_RELEASED,),
        ),
        *_alerts(observed),
    )


def _enterprise_unseen(observed: Observed) -> tuple[Unseen, ...]:
    del observed
    return (
        Unseen(
            what="policies that denied nothing for a minute: their series are gone by then",
            instead="flow logs",
        ),
        Unseen(
            what="names of flows whose pod looked them up elsewhere, or before Felix started",
            instead="DNS logs of the resolver in use",
        ),
    )


def _enterprise_panels(observed: Observed) -> Mapping[str, str]:
    tier = observed.tier.name
    return MappingProxyType(
        {
            "denied packets": f"sum by (policy) (rate({_DENIED}"
            f'{{policy=~"{tier}[|]($namespace)/.*",CLUSTER}}[5m]))',
            "packets that staged policies would deny": "sum by (namespace, policy) "
            f'(rate({_BY_RULE}{{tier="{tier}",policy=~"staged:.*",action="deny",'
            'namespace=~"$namespace",CLUSTER}[5m]))',
            **_panels(observed),
        }
    )


OBSERVATION = Observation(
    settings=_settings, metrics=_metrics, alerts=_alerts, unseen=_unseen, panels=_panels
)
ENTERPRISE_OBSERVATION = Observation(
    settings=_enterprise_settings,
    metrics=_enterprise_metrics,
    alerts=_enterprise_alerts,
    unseen=_enterprise_unseen,
    panels=_enterprise_panels,
)
