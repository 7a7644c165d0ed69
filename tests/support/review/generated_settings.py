"""Changes of what the platform has generated beside policies, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from transire.model.ends import End
from transire.model.observation import Monitoring, Observe, ProxyKind
from transire.model.probe import Canary, ProbeSettings

GENERATED: Mapping[str, tuple[object, list[str]]] = {
    "observe": (
        Observe(until=End.on(date(2027, 1, 31)), agents=(("edge", "kube-router"),)),
        [
            "observe.agents: '' -> 'edge=kube-router'",
            "observe.clusters: '' -> 'all'",
            "observe.until: '' -> '2027-01-31'",
        ],
    ),
    "monitoring": (
        Monitoring(clusters=("prod-eu",), cluster_label="cluster", proxies=(ProxyKind.SQUID,)),
        [
            "monitoring.clusterLabel: '' -> 'cluster'",
            "monitoring.clusters: '' -> 'prod-eu'",
            "monitoring.namespace: '' -> 'monitoring'",
            "monitoring.proxies: '' -> 'squid'",
        ],
    ),
    "probe": (
        ProbeSettings(image="probe@sha256:0", canaries=(Canary(name="example.com"),)),
        [
            "probe.canaries: '' -> 'example.com:443'",
            "probe.image: '' -> 'probe@sha256:0'",
        ],
    ),
}
"""By field of the platform: what it becomes, and the lines for that."""
