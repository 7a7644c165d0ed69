"""What Cilium takes an address for: a pod by its labels, a reserved name, or the world.

Source: `pkg/ipcache` and `pkg/identity`. Policies see identities, never addresses; only the world
keeps its address, as the prefixes that policies name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import IPv4Address
from types import MappingProxyType

from transire.engines.cilium.facts import CLUSTER_LABEL
from transire.engines.cilium.objects.agent import Agent
from transire.flows.pod_set import NAMESPACE_NAME_LABEL
from transire.flows.port_set import Protocol
from transire.model.net import Address, Network
from transire.queries.cluster_state import ClusterState, Node, Pod
from transire.queries.directory import number_of, pods_like
from transire.queries.pod_questions import Regions

ANY, K8S, RESERVED = "any", "k8s", "reserved"
"""Sources of labels: any of them, Kubernetes, and Cilium's own names for addresses."""
NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
CLUSTER = CLUSTER_LABEL
ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
_NODES = frozenset({"host", "remote-node"})
_INSIDE = frozenset({"health", "ingress"})
WORLD = ("world", "world-ipv4", "world-ipv6")
"""The names of the world: where there is one family, and of each where there are both."""
_WORLDS: Mapping[str, Mapping[str, str]] = {name: MappingProxyType({name: ""}) for name in WORLD}


_NO_PORTS: Mapping[tuple[str, int], int] = MappingProxyType({})


class IdentityKind(Enum):
    """Where a destination is, which decides whether ranges and names can match it."""

    POD = "a pod"
    NODE = "a node"
    INSIDE = "a reserved address"
    WORLD = "the world"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Identity:
    """One identity; all its labels have one source, Kubernetes for pods, else reserved."""

    place: IdentityKind
    source: str
    labels: Mapping[str, str]
    address: Address | None = None
    ports: Mapping[tuple[str, int], int] | None = field(default_factory=lambda: _NO_PORTS)
    """The number of each named port, by name and protocol; None if nobody gave them."""
    aggregate: str = ""
    """The reserved name of the identity that stands for it and others in a second look, if any."""
    wording: str = ""
    """How a reason names it."""
    entry: str = ""
    """Why it is not known which identity the address has, if it is not."""
    region: int = 0
    """For a plain address of the world, the region that it shares with all that rules treat alike.

    Other identities have none and stand for themselves.
    """

    @property
    def alike(self) -> Identity | int:
        """What identities have in common that every rule without names treats alike."""
        return self.region or self


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IdentityDirectory:
    """Who is behind each address of a cluster, as one agent sees it."""

    cluster: ClusterState
    agent: Agent
    pods: Mapping[str, Pod]
    """By `namespace/name`."""
    known: Mapping[int, Identity]
    """By the number of the address."""
    regions: Regions
    """The parts into which the ranges of all rules divide addresses."""
    networks: tuple[Network, ...] = ()
    """Those ranges, without those of a whole family."""
    ports: Mapping[_Key, Mapping[tuple[str, int], int]] = field(default_factory=dict)
    """Named ports by what makes pods one identity; a name with two numbers is none."""

    def of_address(self, address: Address) -> Identity:
        """The identity behind an address; what the cluster does not know is the world."""
        number = number_of(address)
        return self.known.get(number) or self.world(address, region=self.regions.region(number))

    def world(self, address: Address, *more: str, region: int = 0) -> Identity:
        """The identity of an address outside, with reserved names that it carries besides."""
        own = "world"
        if self.agent.split_world:
            own = "world-ipv4" if isinstance(address, IPv4Address) else "world-ipv6"
        return Identity(
            place=IdentityKind.WORLD,
            source=RESERVED,
            labels=MappingProxyType(dict.fromkeys((own, *more), "")) if more else _WORLDS[own],
            address=address,
            wording=str(address) + " (the world)",
            region=region,
            aggregate=self._world_aggregate(address, *more),
        )

    def _world_aggregate(self, address: Address, *more: str) -> str:
        """The aggregate of an address that a range or a name gives an identity of its own."""
        if self.agent.minor < 20:  # noqa: PLR2004 - 1.20
            return ""
        own = more or any(address in each for each in self.networks)
        return "aggregate-world" if own else ""

    def of_pod(
        self, namespace: str, labels: Mapping[str, str], account: str = "default"
    ) -> Mapping[str, str]:
        """The labels that a pod has as an identity.

        Labels that Cilium gives a pod count as a question gives them: cluster and account.
        """
        own = self.cluster.namespace_labels.get(namespace, {})
        return {
            **labels,
            **{NAMESPACE_LABELS + key: value for key, value in own.items()},
            NAMESPACE_LABELS + NAMESPACE_NAME_LABEL: namespace,
            NAMESPACE: namespace,
            CLUSTER: labels.get(CLUSTER, self.cluster.name),
            ACCOUNT: labels.get(ACCOUNT, account),
        }

    def described(self, namespace: str, labels: Mapping[str, str], wording: str) -> Identity:
        """The identity of a pod that a question describes; its account is that of such pods."""
        accounts = {pod.service_account for pod in pods_like(self.pods.values(), namespace, labels)}
        account = accounts.pop() if len(accounts) == 1 else "default"
        return self.pod(namespace, labels, wording, account)

    def pod(
        self, namespace: str, labels: Mapping[str, str], wording: str, account: str = "default"
    ) -> Identity:
        """The identity of a pod that is known by its labels alone."""
        found = self.of_pod(namespace, labels, account)
        return Identity(
            place=IdentityKind.POD,
            source=K8S,
            labels=found,
            wording=wording,
            ports=self.ports.get(_key(namespace, labels, account)),
            aggregate=self._aggregate(found[CLUSTER]),
        )

    def _aggregate(self, cluster: str) -> str:
        if self.agent.minor < 20:  # noqa: PLR2004 - 1.20
            return ""
        return "aggregate-cluster" if cluster == self.cluster.name else "aggregate-cluster-mesh"

    def reserved(self, names: frozenset[str], address: Address | None, wording: str) -> Identity:
        """The identity of an address with reserved names; `kube-apiserver` alone is outside."""
        if names == {"kube-apiserver"} and address is not None:
            return self.world(address, *names)
        return Identity(
            place=IdentityKind.NODE if names & _NODES else IdentityKind.INSIDE,
            source=RESERVED,
            labels=MappingProxyType(dict.fromkeys(sorted(names), "")),
            address=address,
            wording=wording,
            entry="" if names & (_NODES | _INSIDE) else _no_names(wording),
        )


def directory_of(
    cluster: ClusterState, agent: Agent, networks: Iterable[Network]
) -> IdentityDirectory:
    """The directory of a cluster in which rules name these networks."""
    pods = {f"{pod.namespace}/{pod.name}": pod for pod in cluster.pods}
    known: dict[int, Identity] = {}
    every = tuple(networks)
    regions = Regions.of(every)
    found = IdentityDirectory(
        cluster=cluster,
        agent=agent,
        pods=pods,
        known=known,
        regions=regions,
        networks=tuple(each for each in every if each.prefixlen),
        ports=_ports(cluster),
    )
    for node in cluster.nodes:
        known[number_of(node.ip)] = _node(found, node)
    for name, pod in pods.items():
        wording = f"the pod {name}"
        for address in pod.ips:
            if pod.host_network:
                node_of = found.reserved(frozenset(), address, f"the node of {wording}")
                known.setdefault(number_of(address), node_of)
            else:
                identity = found.pod(pod.namespace, pod.labels, wording, pod.service_account)
                known[number_of(address)] = replace(identity, address=address)
    return found


_Key = tuple[str, frozenset[tuple[str, str]], str]


def _key(namespace: str, labels: Mapping[str, str], account: str) -> _Key:
    return namespace, frozenset(labels.items()), account


def _ports(cluster: ClusterState) -> Mapping[_Key, Mapping[tuple[str, int], int]]:
    found: dict[_Key, dict[tuple[str, int], set[int]]] = {}
    for pod in cluster.pods:
        if not pod.host_network:
            mine = found.setdefault(_key(pod.namespace, pod.labels, pod.service_account), {})
            for name, port in pod.named_ports.items():
                mine.setdefault((name.lower(), Protocol[port.protocol]), set()).add(port.port)
    return {
        key: {name: min(each) for name, each in named.items() if len(each) == 1}
        for key, named in found.items()
    }


def _node(directory: IdentityDirectory, node: Node) -> Identity:
    return directory.reserved(node.reserved, node.ip, f"{node.name} ({node.ip})")


def _no_names(wording: str) -> str:
    return f"the cluster file does not list which reserved names {wording} has, such as remote-node"
