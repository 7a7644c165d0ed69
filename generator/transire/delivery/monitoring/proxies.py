"""What proxies show that hosts are delegated to.

Sources: Smokescreen's `pkg/smokescreen/metrics`, the statistics of Envoy's HTTP connection manager
(`no_route`), and the metrics of squid-exporter, which asks Squid's cache manager.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from transire.engines.api.observation import Alert, AlertScope, Metric, Observed, Setting
from transire.model.intent import ProxyFallback
from transire.model.observation import Monitoring, ProxyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyMetrics:
    """The metric that counts what a proxy refused, and how it is turned on."""

    name: str
    refused: str
    switch: str
    setting: Setting


PROXIES: Mapping[ProxyKind, ProxyMetrics] = MappingProxyType(
    {
        ProxyKind.ENVOY: ProxyMetrics(
            name=ProxyKind.ENVOY,
            refused="envoy_http_no_route",
            switch="/stats/prometheus",
            setting=Setting(
                file="envoy-metrics.yaml",
                title="what Prometheus scrapes of Envoy",
                applied="add it to the pod template of the proxy",
                tree={
                    "annotations": {
                        "prometheus.io/scrape": "true",
                        "prometheus.io/path": "/stats/prometheus",
                        "prometheus.io/port": "9901",
                    }
                },
                notes=("The port is that of `admin` in Envoy's bootstrap.",),
            ),
        ),
        ProxyKind.SMOKESCREEN: ProxyMetrics(
            name=ProxyKind.SMOKESCREEN,
            refused="acl_deny",
            switch="--expose-prometheus-metrics",
            setting=Setting(
                file="smokescreen-metrics.yaml",
                title="the flag of Smokescreen that turns its metrics on, at port 9810",
                applied="add it to the pod template of the proxy",
                tree={"args": ["--expose-prometheus-metrics"]},
            ),
        ),
        ProxyKind.SQUID: ProxyMetrics(
            name=ProxyKind.SQUID,
            refused="squid_client_http_errors_total",
            switch="squid-exporter",
            setting=Setting(
                file="squid-metrics.yaml",
                title="an exporter beside Squid, which has no metrics of its own, at port 9301",
                applied="add it to the pod template of the proxy",
                tree={"containers": [{"name": "squid-exporter", "image": "IMAGE BY DIGEST"}]},
                notes=(
                    "Squid's access rules have to let localhost read cache_object:// (manager).",
                ),
            ),
        ),
    }
)


def proxies_of(observed: Observed, monitoring: Monitoring | None) -> tuple[ProxyMetrics, ...]:
    """The proxies whose metrics count on a cluster: none where no host is delegated to one."""
    if monitoring is None or not isinstance(observed.cluster.fallback, ProxyFallback):
        return ()
    return tuple(PROXIES[each] for each in monitoring.proxies)


def proxy_metrics(proxies: tuple[ProxyMetrics, ...]) -> tuple[Metric, ...]:
    """What the proxies count."""
    return tuple(Metric(name=each.refused, switch=each.switch) for each in proxies)


def proxy_alerts(proxies: tuple[ProxyMetrics, ...]) -> Iterator[Alert]:
    """One alert for each proxy: it keeps refusing."""
    for each in proxies:
        yield Alert(
            id="proxy-refuses",
            summary=f"the egress proxy keeps refusing requests, by {each.refused}",
            expr=f"sum(increase({each.refused}{{CLUSTER}}[5m])) > 5",
            hold="10m",
            severity="warning",
            scope=AlertScope.CLUSTER,
            metrics=(each.refused,),
            labels=(("proxy", each.name),),
        )
