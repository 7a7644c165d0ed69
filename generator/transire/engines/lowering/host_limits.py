"""Hosts that no engine is given, whatever it could express."""

from __future__ import annotations

from transire.engines.api.refusal import Refusal
from transire.model.intent import Cluster
from transire.model.names import HostKind, HostPattern


def host_limit(pattern: HostPattern, cluster: Cluster) -> Refusal | None:
    """Why the host is given to no engine of the cluster, or None."""
    text = pattern.text
    if "*" in text and pattern.kind is HostKind.BARE:
        return Refusal(
            id="bare-wildcard",
            why=f"{pattern} alone would be every name that anybody resolves",
            remedy="name the hosts, or a wildcard below a domain of one owner",
        )
    if "*" in text.rpartition(".")[2]:
        return Refusal(
            id="wildcard-in-last-label",
            why=f"{pattern.shown} would be hosts of many top-level domains",
            remedy="name the hosts, or write the wildcard before a domain of one owner",
        )
    if pattern.is_within(cluster.network.domain):
        return Refusal(
            id="host-in-cluster",
            why=f"{pattern} is a name inside the cluster, and host rules never reach pods",
            remedy="write {namespace: NAME, pods: {LABEL: VALUE}} instead",
        )
    return None
