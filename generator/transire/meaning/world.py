"""Every flow that can exist on a cluster, within which what is meant and what is allowed count."""

from __future__ import annotations

from collections.abc import Sequence

from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.port_set import Protocol as IpProtocol
from transire.flows.text_set import TextSet
from transire.meaning.premises.address_ranges import known_ranges
from transire.meaning.premises.dns_resolvers import dns_resolvers
from transire.model.engine import Traits
from transire.model.intent import Cluster
from transire.model.net import Network


def world(cluster: Cluster, traits: Traits) -> FlowSet:
    """Every flow that can exist on the cluster: addresses where they belong, of both IP families.

    Pods have pod addresses and nodes have node addresses where the platform declares the ranges;
    nothing outside has either, except in known networks of the cluster, where an engine that judges
    by identity tells them apart. Pods of other clusters of a mesh may have any address. What the
    cluster is meant to have of IP families does not count: a family that is added later must not
    open anything. Addresses of services count where policies may act before translation. Nothing
    listens on port 0.
    """
    ports = PortSet.everything() - PortSet.union(
        PortSet.of_port(each, 0) for each in (IpProtocol.TCP, IpProtocol.UDP, IpProtocol.SCTP)
    )
    network = cluster.network
    whole = AddressSet.everything()
    pods, nodes = _declared(network.pod_cidrs), _declared(network.node_cidrs)
    services = AddressSet.nets(network.service_cidrs if traits.before_translation else ())
    known = AddressSet.nets(known_ranges(cluster) if traits.by_identity else ())
    outside = (whole - AddressSet.nets(network.own)) | services | known
    mine, others = _clusters(cluster, traits)
    parts = (
        (Peer.pods(mine), pods),
        (Peer.pods(others), whole),
        (Peer.node(), nodes | _node_local(cluster)),
        (Peer.outside(), outside),
    )
    return FlowSet.union(
        FlowSet.reach(source=PodSet.everything(), peer=peer, ports=ports, addresses=addresses)
        for peer, addresses in parts
    )


def _clusters(cluster: Cluster, traits: Traits) -> tuple[PodSet, PodSet]:
    """The pods of the cluster itself, and those of all others of its mesh."""
    if cluster.mesh is None or not traits.cluster_label:
        return PodSet.everything(), PodSet.nothing()
    known = PodSet.label(traits.cluster_label, TextSet.present())
    mine = PodSet.label(traits.cluster_label, TextSet.of([cluster.mesh.name]))
    return mine, known - mine


def _declared(ranges: Sequence[Network]) -> AddressSet:
    return AddressSet.nets(ranges) if ranges else AddressSet.everything()


def _node_local(cluster: Cluster) -> AddressSet:
    ways = dns_resolvers(cluster)
    return AddressSet.nets(ways.addresses if ways.on_node else ())
