"""Which numbers the pods of a cluster give the names of ports.

Until 1.19 a name is one number for the whole cluster and every peer, since 1.20 each destination
has its own (`GetEgressNamedPorts` in `pkg/policy/resolve.go`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from transire.flows.port_set import Protocol
from transire.queries.cluster_state import ClusterState, Pod
from transire.queries.directory import COREDNS

Name = tuple[str, int]
"""A name in lower case, with its protocol."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedPorts:
    """The names of ports that are known of a cluster."""

    agreed: Mapping[Name, int] = field(default_factory=lambda: MappingProxyType({}))
    """The one number that all pods give a name."""
    numbers: Mapping[Name, frozenset[int]] = field(default_factory=lambda: MappingProxyType({}))
    """Every number that some pod gives a name."""
    is_complete: bool = False
    """Whether pods are given at all, so that no pod has a name that none of these has."""

    @classmethod
    def of(cls, cluster: ClusterState) -> NamedPorts:
        """The names in a cluster; a resolver that is assumed has those of a real one.

        Pods on the host's network have none.
        """
        found: dict[Name, set[int]] = {}
        for pod in (*cluster.pods, *assumed(cluster)):
            if not pod.host_network:
                for key, number in ports_of(pod).items():
                    found.setdefault(key, set()).add(number)
        return cls(
            agreed={key: min(each) for key, each in found.items() if len(each) == 1},
            numbers={key: frozenset(each) for key, each in found.items()},
            is_complete=bool(cluster.pods) and not cluster.partial,
        )


def assumed(cluster: ClusterState) -> tuple[Pod, ...]:
    """The resolver that stands for one that the cluster file lacks."""
    if cluster.dns_server != ClusterState().dns_server:
        return ()
    labels = COREDNS.labels.items()
    known = any(
        pod.namespace == COREDNS.namespace
        and (pod.name == COREDNS.name or labels <= pod.labels.items())
        for pod in cluster.pods
    )
    return () if known else (COREDNS,)


def ports_of(pod: Pod) -> Mapping[Name, int]:
    """The ports of a pod by name."""
    return {
        (name.lower(), Protocol[port.protocol]): port.port for name, port in pod.named_ports.items()
    }
