"""What Cilium shows: flows by Hubble's exporter, metrics of Hubble and of the agent.

Sources: Cilium's pages on the exporter (`observability/hubble/configuration/export`) and on metrics
(`observability/metrics`), the values of its Helm chart, and the handlers in `pkg/hubble/metrics`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from transire.engines.api.observation import (
    Alert,
    AlertScope,
    Metric,
    Observation,
    Observed,
    Setting,
    Unseen,
    Window,
)
from transire.engines.cilium.facts import addresses_kept
from transire.model.ends import End
from transire.model.engine import Release
from transire.yamlio import YamlTree

EXPORTER_SINCE = "1.15"
"""The first release with entries that come and go without a restart of the agent."""
_FIELDS_SINCE: Mapping[str, str] = MappingProxyType(
    {
        "egress_allowed_by": "1.15",
        "egress_denied_by": "1.16",
        "source.cluster_name": "1.19",
        "destination.cluster_name": "1.19",
    }
)
"""Fields that earlier releases do not know; one of these would make the whole entry invalid."""
_FILE_SIZES_SINCE = "1.18"
_FOLDER = "/var/run/cilium/hubble"
_DROP, _VERDICT, _L7 = 1, 5, 129
"""Kinds of events: a dropped packet, a decision of policy, and what a proxy saw."""

_BY_NAMESPACE = "labelsContext=source_namespace,source_workload"
_HUBBLE: Mapping[str, str] = MappingProxyType(
    {
        "hubble_policy_verdicts_total": f"policy:{_BY_NAMESPACE}",
        "hubble_drop_total": f"drop:{_BY_NAMESPACE},traffic_direction",
        "hubble_dns_queries_total": f"dns:{_BY_NAMESPACE}",
        "hubble_flows_processed_total": "flow",
    }
)
"""Metrics of Hubble, and the item of `hubble.metrics.enabled` that turns each on."""
_LOST = "hubble_lost_events_total"
_OFF_BY_DEFAULT = ("cilium_proxy_datapath_update_timeout_total", "cilium_fqdn_active_ips")
_ON_BY_DEFAULT = (
    "cilium_bpf_map_pressure",
    "cilium_policy_change_total",
    "cilium_policy_l7_total",
    "cilium_proxy_upstream_reply_seconds_bucket",
)
_CAP_FLAG = "tofqdns-endpoint-max-ip-per-hostname"


def _settings(observed: Observed) -> tuple[Setting, ...]:
    tree: dict[str, YamlTree] = {}
    if observed.metrics:
        added: list[YamlTree] = [f"+{name}" for name in _OFF_BY_DEFAULT]
        tree["prometheus"] = {"enabled": True, "metrics": added}
    hubble: dict[str, YamlTree] = {"enabled": True}
    if observed.metrics:
        hubble["metrics"] = {"enabled": list(_HUBBLE.values())}
    release = observed.cluster.release
    if observed.windows and release.at_least(EXPORTER_SINCE):
        content: list[YamlTree] = [_entry(each, observed) for each in observed.windows]
        hubble["export"] = {"dynamic": {"enabled": True, "config": {"content": content}}}
    tree["hubble"] = hubble
    return (
        Setting(
            file="cilium-values.yaml",
            title="values of Cilium's Helm chart",
            applied="helm upgrade cilium cilium/cilium -n kube-system --version INSTALLED "
            "--reuse-values -f FILE",
            tree=tree,
            notes=_notes(observed),
        ),
    )


def _notes(observed: Observed) -> tuple[str, ...]:
    notes = ["Lists replace those of other values files: add what your own values list there."]
    if observed.metrics:
        notes.append("Agents restart once for the metrics.")
    if observed.windows:
        notes.append(
            "Entries of the exporter come and go without a restart, within a minute, and an entry "
            "ends by itself at its end."
        )
        notes.append(f"Collect {_FOLDER}/*.log of every node: an agent keeps little of them.")
    return tuple(notes)


def _entry(window: Window, observed: Observed) -> YamlTree:
    """What the exporter is to write for one namespace: decisions, drops and lookups.

    Answers of DNS have the resolver as their source, so that they match by their destination.
    """
    release, namespace = observed.cluster.release, f"{window.namespace}/"
    kinds: list[YamlTree] = [{"type": each} for each in (_DROP, _VERDICT, _L7)]
    entry: dict[str, YamlTree] = {
        "name": window.namespace,
        "filePath": f"{_FOLDER}/{window.namespace}.log",
        "fieldMask": list(exported_fields(observed.fields["hubble"], release)),
        "includeFilters": [
            {
                "source_pod": [namespace],
                "traffic_direction": ["EGRESS"],
                "event_type": kinds,
            },
            {"destination_pod": [namespace], "protocol": ["dns"]},
        ],
    }
    if window.end is not None:
        entry["end"] = _rfc3339(window.end)
    if release.at_least(_FILE_SIZES_SINCE):
        entry |= {"fileMaxSizeMb": 100, "fileMaxBackups": 5, "fileCompress": True}
    return entry


def exported_fields(fields: tuple[str, ...], release: Release) -> tuple[str, ...]:
    """Those of the fields that flows of the release have."""
    return tuple(
        each
        for each in fields
        if each not in _FIELDS_SINCE or release.at_least(_FIELDS_SINCE[each])
    )


def _rfc3339(end: End) -> str:
    return end.last.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _metrics(observed: Observed) -> tuple[Metric, ...]:
    if not observed.metrics:
        return ()
    return (
        *(Metric(name=name, switch=item) for name, item in _HUBBLE.items()),
        Metric(name=_LOST, switch="flow"),
        *(Metric(name=name, switch=f"+{name}") for name in _OFF_BY_DEFAULT),
        *(Metric(name=name, switch="prometheus") for name in _ON_BY_DEFAULT),
    )


def _alerts(observed: Observed) -> tuple[Alert, ...]:
    return (
        *_of_namespaces(observed),
        *_of_dns(observed),
        *_of_policies(),
    )


def _of_namespaces(observed: Observed) -> Iterator[Alert]:
    verdicts = "hubble_policy_verdicts_total"
    yield Alert(
        id="egress-denied",
        summary="pods of NAMESPACE keep trying what no rule allows",
        expr="sum by (source_workload) (increase("
        f'{verdicts}{{direction="egress",action="dropped",source_namespace="NAMESPACE",CLUSTER}}'
        "[5m])) > 5",
        hold="10m",
        severity="warning",
        scope=AlertScope.NAMESPACE,
        metrics=(verdicts,),
    )
    yield Alert(
        id="audit-would-deny",
        summary="audit of NAMESPACE ends soon, and would deny what pods do",
        expr=f'sum by (source_workload) (increase({verdicts}{{direction="egress",'
        'match="all",action="forwarded",source_namespace="NAMESPACE",CLUSTER}[1d]) or '
        f'increase({verdicts}{{direction="egress",action="audit",'
        'source_namespace="NAMESPACE",CLUSTER}[1d])) > 0',
        hold="15m",
        severity="warning",
        scope=AlertScope.AUDITED,
        metrics=(verdicts,),
    )
    if observed.cluster.dns.restrict:
        queries = "hubble_dns_queries_total"
        yield Alert(
            id="names-refused",
            summary="pods of NAMESPACE look up names that no rule lists",
            expr="sum by (source_workload) (increase("
            f'{queries}{{rcode="Policy denied",source_namespace="NAMESPACE",CLUSTER}}'
            "[5m])) > 5",
            hold="10m",
            severity="warning",
            scope=AlertScope.NAMESPACE,
            metrics=(queries,),
        )


def _of_dns(observed: Observed) -> Iterator[Alert]:
    reply = "cilium_proxy_upstream_reply_seconds_bucket"
    late, parsed = "cilium_proxy_datapath_update_timeout_total", "cilium_policy_l7_total"
    written = dict(observed.cluster.agent).get(_CAP_FLAG, "")
    cap = int(written) if written.isdigit() else addresses_kept(observed.cluster.release)
    yield Alert(
        id="dns-proxy-slow",
        summary="lookups through the DNS proxy take more than half a second",
        expr="histogram_quantile(0.99, sum by (le) (rate("
        f'{reply}{{protocol_l7="dns",CLUSTER}}[5m]))) > 0.5',
        hold="15m",
        severity="warning",
        scope=AlertScope.CLUSTER,
        metrics=(reply,),
    )
    yield Alert(
        id="dns-proxy-failing",
        summary="the DNS proxy hands out addresses before they are open, or cannot read lookups",
        expr=f"sum(increase({late}{{CLUSTER}}[15m])) > 0 or sum(increase("
        f'{parsed}{{rule="parse_errors",proxy_type="fqdn",CLUSTER}}[15m])) > 0',
        hold="5m",
        severity="warning",
        scope=AlertScope.CLUSTER,
        metrics=(late, parsed),
    )
    yield Alert(
        id="name-cap-near",
        summary=f"a pod holds nearly as many addresses as are kept of one name, {cap}",
        expr=f"max by (endpoint) (cilium_fqdn_active_ips{{CLUSTER}}) > {cap * 8 // 10}",
        hold="15m",
        severity="warning",
        scope=AlertScope.CLUSTER,
        metrics=("cilium_fqdn_active_ips",),
    )


def _of_policies() -> Iterator[Alert]:
    yield Alert(
        id="policy-map-pressure",
        summary="the policy map of a pod is nearly full, and what does not fit is dropped",
        expr='max by (map_name) (cilium_bpf_map_pressure{map_name=~"(cilium_)?policy_.*",CLUSTER})'
        " > 0.9",
        hold="5m",
        severity="critical",
        scope=AlertScope.CLUSTER,
        metrics=("cilium_bpf_map_pressure",),
    )
    yield Alert(
        id="policy-change-failed",
        summary="agents could not take a policy",
        expr='sum(increase(cilium_policy_change_total{outcome=~"fail.*",CLUSTER}[15m])) > 0',
        hold="5m",
        severity="critical",
        scope=AlertScope.CLUSTER,
        metrics=("cilium_policy_change_total",),
    )
    yield Alert(
        id="flows-lost",
        summary="flows are lost, so that audits of this time are incomplete",
        expr=f"sum by (source) (increase({_LOST}{{CLUSTER}}[15m])) > 0",
        hold="15m",
        severity="warning",
        scope=AlertScope.CLUSTER,
        metrics=(_LOST,),
    )
    yield Alert(
        id="metrics-missing",
        summary="Prometheus has no metrics of flows, so that no alert on denials can fire",
        expr="absent(hubble_flows_processed_total{CLUSTER})",
        hold="30m",
        severity="warning",
        scope=AlertScope.CLUSTER,
        metrics=("hubble_flows_processed_total",),
    )


def _unseen(observed: Observed) -> tuple[Unseen, ...]:
    found = [
        Unseen(
            what="names that pods looked up elsewhere, such as by DNS over HTTPS or before the "
            "agent started: their flows have addresses alone",
            instead="logs of the workload",
        ),
        Unseen(
            what="bytes per name: Hubble counts flows",
            instead="a proxy, or flow logs of the network",
        ),
    ]
    release = observed.cluster.release
    if observed.windows and not release.at_least(EXPORTER_SINCE):
        found.append(
            Unseen(
                what=f"flows in files: {release} has no exporter with entries for namespaces",
                instead="hubble observe -o json --follow, from a pod that keeps it running",
            )
        )
    if not observed.cluster.dns.restrict:
        found.append(
            Unseen(
                what="lookups that are refused: every name may be looked up here",
                instead="dns.restrict in values/platform.yaml",
            )
        )
    return tuple(found)


def _panels(observed: Observed) -> Mapping[str, str]:
    del observed
    denied = 'direction="egress",action="dropped",source_namespace=~"$namespace",CLUSTER'
    return MappingProxyType(
        {
            "denied connections": "sum by (source_namespace, source_workload) "
            f"(rate(hubble_policy_verdicts_total{{{denied}}}[5m]))",
            "lookups refused": "sum by (source_namespace) (rate("
            'hubble_dns_queries_total{rcode="Policy denied",source_namespace=~"$namespace",'
            "CLUSTER}[5m]))",
            "flows lost": "sum by (source) (rate(hubble_lost_events_total{CLUSTER}[5m]))",
            "policy map pressure": "max by (map_name) (cilium_bpf_map_pressure"
            '{map_name=~"(cilium_)?policy_.*",CLUSTER})',
            "99th percentile of lookups through the proxy": "histogram_quantile(0.99, sum by (le) "
            '(rate(cilium_proxy_upstream_reply_seconds_bucket{protocol_l7="dns",CLUSTER}[5m])))',
        }
    )


OBSERVATION = Observation(
    settings=_settings, metrics=_metrics, alerts=_alerts, unseen=_unseen, panels=_panels
)
