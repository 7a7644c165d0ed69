"""What is to be seen of clusters, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transire.model.destinations import Labels
from transire.model.ends import End


class ProxyKind(StrEnum):
    """A proxy whose metrics are known."""

    ENVOY = "envoy"
    SMOKESCREEN = "smokescreen"
    SQUID = "squid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe:
    """On which clusters settings for flow logs are generated; `clusters` is None for all.

    `until` is the last day on which flows of namespaces are logged that are not in audit, which
    without it are not logged at all; it is also the end for an audit without one. `agents` name
    what implements the policies of a cluster, where its engine leaves that open.
    """

    clusters: tuple[str, ...] | None = None
    until: End | None = None
    agents: tuple[tuple[str, str], ...] = ()

    def agent(self, cluster: str) -> str:
        """What implements the policies of a cluster, or an empty text."""
        return dict(self.agents).get(cluster, "")

    def has(self, cluster: str) -> bool:
        """Whether settings are generated for a cluster."""
        return self.clusters is None or cluster in self.clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """On which clusters there are alerts, and how they reach Prometheus.

    `namespace` and `labels` are those of PrometheusRule objects. `cluster_label` is the label by
    which one Prometheus for several clusters tells them apart, and empty where each has its own.
    `runbooks` is the address below which the pages of the documentation are, or empty. `proxies`
    are those whose metrics are looked at where a cluster delegates hosts to one.
    """

    clusters: tuple[str, ...] | None = None
    namespace: str = "monitoring"
    labels: Labels = ()
    cluster_label: str = ""
    runbooks: str = ""
    proxies: tuple[ProxyKind, ...] = ()

    def has(self, cluster: str) -> bool:
        """Whether there are alerts for a cluster."""
        return self.clusters is None or cluster in self.clusters
