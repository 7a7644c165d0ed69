"""Where a flow goes: the pod, node or address behind a query, found in the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from transire.flows.peer_set import ReservedIdentity
from transire.k8s.go_cidr import parse_address
from transire.model.net import Address
from transire.queries.cluster_state import ClusterState, NamedPort, Node, Pod
from transire.queries.query import Connection, Source

COREDNS = Pod(
    namespace="kube-system",
    name="coredns",
    labels=MappingProxyType({"k8s-app": "kube-dns"}),
    named_ports=MappingProxyType(
        {
            "dns": NamedPort(port=53, protocol="UDP"),
            "dns-tcp": NamedPort(port=53, protocol="TCP"),
        }
    ),
    service_account="coredns",
)
"""The resolver of a cluster that is not described."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One end of a flow.

    `pod` is None for addresses outside and for nodes, host-network pods included. Without `ip`
    the address is not known; `described` means that the pod is known by its labels alone.
    """

    ip: Address | None = None
    pod: Pod | None = None
    node: Node | None = None
    reserved: frozenset[str] = frozenset()
    """Reserved names that the query itself gives the address."""
    described: bool = False
    assumed: bool = False
    """Whether it stands for a resolver that no cluster file describes."""


API_SERVER = ReservedIdentity.KUBE_APISERVER
"""The reserved name of the API server's address."""


def number_of(ip: Address) -> int:
    """A number that no other address has; quicker to look up than the address."""
    return int(ip) if ip.version == 4 else int(ip) | 1 << 128  # noqa: PLR2004 - IP versions


class NotFoundError(ValueError):
    """The query names something that the cluster file does not have."""


def pods_like(
    pods: Iterable[Pod], namespace: str, labels: Mapping[str, str], account: str = ""
) -> tuple[Pod, ...]:
    """The pods that have exactly these labels, if any are given, and the account, if it is."""
    if not labels:
        return ()
    return tuple(
        pod
        for pod in pods
        if pod.namespace == namespace
        and pod.labels == labels
        and account in {"", pod.service_account}
    )


def usual_resolver(pods: Mapping[str, Pod]) -> str | None:
    """The first pod with the labels of CoreDNS, whatever its name, of pods by `namespace/name`."""
    labels = COREDNS.labels.items()
    for name, pod in pods.items():
        if pod.namespace == COREDNS.namespace and labels <= pod.labels.items():
            return name
    return None


@dataclass(frozen=True, slots=True)
class Directory:
    """Finds pods and nodes of a cluster by name and by address."""

    cluster: ClusterState
    pods: Mapping[str, Pod] = field(init=False)
    nodes: Mapping[str, Node] = field(init=False)
    places: Mapping[int, Place] = field(init=False)
    """What has an address inside, by the address's number."""
    resolver_pod: str | None = field(init=False)
    """The pod that has the labels of CoreDNS, as `namespace/name`."""

    def __post_init__(self) -> None:
        """Index the cluster once; host-network pods have no address of their own."""
        pods = {f"{each.namespace}/{each.name}": each for each in self.cluster.pods}
        places = {number_of(each.ip): Place(ip=each.ip, node=each) for each in self.cluster.nodes}
        for pod in self.cluster.pods:
            if not pod.host_network:
                places |= {number_of(ip): Place(ip=ip, pod=pod) for ip in pod.ips}
        object.__setattr__(self, "pods", pods)
        object.__setattr__(self, "nodes", {each.name: each for each in self.cluster.nodes})
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "resolver_pod", usual_resolver(pods))

    def source(self, source: Source) -> Pod | None:
        """The pod that opens the flow, or None where the query only describes it.

        Where all pods with exactly the labels of a query are on the host's network, it is one.

        Raises:
            NotFoundError: if it names a pod that the cluster lists pods without.
        """
        found = self.pods.get(f"{source.namespace}/{source.pod}")
        if found is None and source.pod and self.cluster.pods and not self.cluster.partial:
            raise NotFoundError(f"the cluster has no pod {source.namespace}/{source.pod}")
        if found is not None and source.account not in {"", found.service_account}:
            raise NotFoundError(
                f"the pod {source.namespace}/{source.pod} has the service account "
                f"{found.service_account}, not {source.account}"
            )
        if found is None and not source.pod:
            like = pods_like(self.cluster.pods, source.namespace, source.labels, source.account)
            if like and all(pod.host_network for pod in like):
                return like[0]
        return found

    def destination(self, what: Connection) -> Place:
        """Where the connection goes.

        Raises:
            NotFoundError: if it names a pod or node that the cluster does not have, or two things
                that contradict each other.
        """
        if what.pod:
            return self._pod(what.pod, what.ip)
        if what.node:
            return self._node(what.node, what.ip)
        if what.ip is not None:
            found = self.at(what.ip)
            return replace(found, reserved=what.peer_reserved) if what.peer_reserved else found
        if what.peer_namespace:
            labels = {} if what.peer_labels is None else what.peer_labels
            pod = Pod(namespace=what.peer_namespace, name="", labels=labels)
            return Place(pod=pod, described=True)
        return Place(reserved=what.peer_reserved)

    def fitting(self, what: Connection) -> tuple[str, ...]:
        """The pods, as `namespace/name`, that a destination described by labels may mean.

        Those with exactly these labels, else those that have them among others.
        """
        wanted = what.peer_labels or {}
        near = [each for each in self.cluster.pods if each.namespace == what.peer_namespace]
        same = [each for each in near if each.labels == wanted]
        found = same or [each for each in near if wanted.items() <= each.labels.items()]
        return tuple(f"{each.namespace}/{each.name}" for each in found)

    def resolver(self, name: str) -> Place:
        """The resolver of that name or address; without a name the cluster's own.

        Raises:
            NotFoundError: if it is a pod that the cluster does not have.
        """
        wanted = name or self.cluster.dns_server
        address = parse_address(wanted)
        if address is not None:
            return self.at(address)
        if wanted in self.pods or wanted != ClusterState().dns_server:
            return self._pod(wanted, None)
        if self.resolver_pod is not None:
            return self._pod(self.resolver_pod, None)
        if self.cluster.pods and not self.cluster.partial:
            raise NotFoundError(f"the cluster has no pod {wanted}, and none with its labels")
        return Place(pod=COREDNS, assumed=True)

    def serves_api(self, place: Place) -> bool:
        """Whether the API server has this address, by the cluster or by the query."""
        return API_SERVER in place.reserved or (
            place.node is not None and API_SERVER in place.node.reserved
        )

    @property
    def knows_api_server(self) -> bool:
        """Whether the cluster has an address of the API server."""
        return any(API_SERVER in each.reserved for each in self.cluster.nodes)

    def at(self, ip: Address) -> Place:
        """What has this address."""
        return self.places.get(number_of(ip)) or Place(ip=ip)

    def _pod(self, name: str, ip: Address | None) -> Place:
        pod = self.pods.get(name)
        if pod is None:
            raise NotFoundError(f"the cluster has no pod {name}")
        if ip is not None and ip not in pod.ips:
            raise NotFoundError(f"the pod {name} does not have the address {ip}")
        address = ip or (pod.ips[0] if pod.ips else None)
        if pod.host_network:
            return self.at(address) if address else Place()
        return Place(ip=address, pod=pod)

    def _node(self, name: str, ip: Address | None) -> Place:
        node = self.nodes.get(name)
        if node is None:
            raise NotFoundError(f"the cluster has no node {name}")
        if ip is not None and ip != node.ip:
            raise NotFoundError(f"the node {name} does not have the address {ip}")
        return Place(ip=node.ip, node=node)
