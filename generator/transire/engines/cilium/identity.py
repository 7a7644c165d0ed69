"""What Cilium takes an address for: a pod by its labels, a reserved name, or the world.

Source: `pkg/ipcache` and `pkg/identity`. Policies see identities, never addresses; only the world
keeps its address, as the prefixes that policies name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address
from types import MappingProxyType

from transire.engines.cilium.read_options import Agent
from transire.model.cluster import Address, ClusterState, Node, Pod
from transire.model.selectors import NAMESPACE_NAME_LABEL

ANY, K8S, RESERVED = "any", "k8s", "reserved"
"""Sources of labels: any of them, Kubernetes, and Cilium's own names for addresses."""
NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
CLUSTER = "io.cilium.k8s.policy.cluster"
ACCOUNT = "io.cilium.k8s.policy.serviceaccount"

_NODES = frozenset({"host", "remote-node"})
_INSIDE = frozenset({"health", "ingress"})
_MOST_ADDRESSES = 65_536


class Place(Enum):
    """Where a destination is, which decides whether ranges and names can match it."""

    POD = "a pod"
    NODE = "a node"
    INSIDE = "a reserved address"
    WORLD = "the world"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Identity:
    """One identity; all its labels have one source, Kubernetes for pods, else reserved."""

    place: Place
    source: str
    labels: Mapping[str, str]
    address: Address | None = None
    said: str = ""
    """How a reason names it."""
    doubt: str = ""
    """Why it is not known which identity the address has, if it is not."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Directory:
    """Who is behind each address of a cluster, as one agent sees it."""

    cluster: ClusterState
    agent: Agent
    pods: Mapping[str, Pod]
    """By `namespace/name`."""
    known: Mapping[Address, Identity]
    worlds: dict[Address, Identity] = field(default_factory=dict)

    def of_address(self, address: Address) -> Identity:
        """The identity behind an address; what the cluster does not know is the world."""
        found = self.known.get(address) or self.worlds.get(address)
        if found is None:
            found = self.world(address)
            if len(self.worlds) >= _MOST_ADDRESSES:
                self.worlds.clear()
            self.worlds[address] = found
        return found

    def world(self, address: Address, *more: str) -> Identity:
        """The identity of an address outside, with reserved names that it carries besides."""
        family = "ipv4" if isinstance(address, IPv4Address) else "ipv6"
        name = f"world-{family}" if self.agent.split_world else "world"
        return Identity(
            place=Place.WORLD,
            source=RESERVED,
            labels=MappingProxyType(dict.fromkeys((name, *more), "")),
            address=address,
            said=f"{address} (the world)",
        )

    def of_pod(
        self, namespace: str, labels: Mapping[str, str], account: str = "default"
    ) -> Mapping[str, str]:
        """The labels that a pod has as an identity."""
        own = self.cluster.namespace_labels.get(namespace, {})
        return {
            **labels,
            **{NAMESPACE_LABELS + key: value for key, value in own.items()},
            NAMESPACE_LABELS + NAMESPACE_NAME_LABEL: namespace,
            NAMESPACE: namespace,
            CLUSTER: self.cluster.name,
            ACCOUNT: account,
        }

    def pod(
        self, namespace: str, labels: Mapping[str, str], said: str, account: str = "default"
    ) -> Identity:
        """The identity of a pod that is known by its labels alone."""
        found = self.of_pod(namespace, labels, account)
        return Identity(place=Place.POD, source=K8S, labels=found, said=said)

    def reserved(self, names: frozenset[str], address: Address | None, said: str) -> Identity:
        """The identity of an address with reserved names; `kube-apiserver` alone is outside."""
        if names == {"kube-apiserver"} and address is not None:
            return self.world(address, *names)
        return Identity(
            place=Place.NODE if names & _NODES else Place.INSIDE,
            source=RESERVED,
            labels=MappingProxyType(dict.fromkeys(sorted(names), "")),
            address=address,
            said=said,
            doubt="" if names & (_NODES | _INSIDE) else _no_names(said),
        )


def directory_of(cluster: ClusterState, agent: Agent) -> Directory:
    """The directory of a cluster."""
    pods = {f"{pod.namespace}/{pod.name}": pod for pod in cluster.pods}
    known: dict[Address, Identity] = {}
    found = Directory(cluster=cluster, agent=agent, pods=pods, known=known)
    for node in cluster.nodes:
        known[node.ip] = _node(found, node)
    for name, pod in pods.items():
        said = f"the pod {name}"
        for address in pod.ips:
            if pod.host_network:
                known.setdefault(
                    address, found.reserved(frozenset(), address, f"the node of {said}")
                )
            else:
                known[address] = found.pod(pod.namespace, pod.labels, said, pod.service_account)
    return found


def _node(directory: Directory, node: Node) -> Identity:
    return directory.reserved(node.reserved, node.ip, f"{node.name} ({node.ip})")


def _no_names(said: str) -> str:
    return f"the cluster file does not say which reserved names {said} has, such as remote-node"
