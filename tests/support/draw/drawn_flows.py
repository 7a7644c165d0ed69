"""Every flow of a small cluster twice: as a question, and as a point of a set of flows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from support.draw.strategies_policies import CLUSTER, HOSTS, NAMESPACES, OUTSIDE, PODS
from transire.flows.flow import Flow
from transire.flows.peer_set import PeerKind
from transire.flows.pod_set import Workload
from transire.model.net import Address
from transire.queries.cluster_state import Pod
from transire.queries.query import Connection, DnsQuery, Query, Source

TRAFFIC = (
    ("TCP", 6, 443), ("TCP", 6, 8005), ("UDP", 17, 80), ("TCP", 6, 22), ("ICMP", 1, 8),
    ("ICMP", 1, 13),
)  # fmt: skip


def workload(pod: Pod) -> Workload:
    """The pod as a set of flows sees it."""
    labels = {"kubernetes.io/metadata.name": pod.namespace, **NAMESPACES.get(pod.namespace, {})}
    return Workload(
        namespace=pod.namespace,
        labels=pod.labels,
        namespace_labels=labels,
        account=pod.service_account,
    )


def connections() -> Iterator[tuple[Query, Flow]]:
    """Connections between all pods, to nodes and to addresses outside."""
    for pod in PODS:
        source = Source(namespace=pod.namespace, labels=pod.labels, pod=pod.name)
        for (kind, peer, address), (protocol, number, port) in product(ends(pod), TRAFFIC):
            flow = Flow(
                source=workload(pod),
                peer=kind,
                pod=None if peer is None else workload(peer),
                address=address,
                protocol=number,
                port=port * 256 if protocol == "ICMP" else port,
            )
            yield _query(source, Connection(port=port, protocol=protocol, ip=address)), flow


def ends(pod: Pod) -> Iterator[tuple[PeerKind, Pod | None, Address]]:
    """What a pod may meet; never itself, which no policy governs."""
    for other in PODS:
        for ip in other.ips if other is not pod else ():
            yield PeerKind.POD, other, ip
    for node in CLUSTER.nodes:
        yield PeerKind.NODE, None, node.ip
    for ip in OUTSIDE:
        yield PeerKind.OUTSIDE, None, ip


def named_connections() -> Iterator[tuple[Query, Flow, Flow]]:
    """Connections to names outside, each with the question that comes before it."""
    resolver = next(pod for pod in PODS if pod.name == "coredns")
    for pod, host, ip in product(PODS, HOSTS, OUTSIDE):
        if pod is resolver:
            continue
        source = Source(namespace=pod.namespace, labels=pod.labels, pod=pod.name)
        asked = Flow(
            source=workload(pod),
            peer=PeerKind.POD,
            pod=workload(resolver),
            address=resolver.ips[0],
            protocol=17,
            port=53,
            queried=host,
        )
        opened = Flow(source=workload(pod), host=host, address=ip, protocol=6, port=443)
        query = _query(source, Connection(port=443, protocol="TCP", ip=ip, host=host))
        yield query, asked, opened


def _query(source: Source, what: Connection | DnsQuery) -> Query:
    return Query(id="drawn", source=source, what=what)
