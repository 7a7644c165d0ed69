"""What is left of an address range when only addresses outside the cluster are meant.

A `cidr` in a values file means addresses outside the cluster. Which inside addresses a range of an
engine would match besides depends on how the engine knows pods and nodes (`Traits`). Every engine
leaves out the addresses where clouds hand out credentials.
"""

from __future__ import annotations

from dataclasses import dataclass

from transire.meaning.premises.metadata_services import METADATA
from transire.model.engine import Traits
from transire.model.intent import Cluster
from transire.model.net import Network, contains, holes, merge_networks

FAMILY = {4: "IPv4", 6: "IPv6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideRange:
    """A range and the parts of it that are not meant; each lies strictly inside."""

    cidr: Network
    without: tuple[Network, ...]
    metadata: tuple[Network, ...]
    """Those of `without` that are there because a cloud hands out credentials there."""
    own: tuple[Network, ...]
    """Those of `without` that are there because they are the cluster's own."""


def outside_cluster(cidr: Network, cluster: Cluster, traits: Traits) -> OutsideRange:
    """What the range means on the cluster; only for a range without `range_fault`."""
    return _without(cidr, matched_own(cluster, traits))


def matched_own(cluster: Cluster, traits: Traits) -> tuple[Network, ...]:
    """The cluster's declared ranges that an address rule of its engine would match."""
    if not traits.by_identity:
        return cluster.network.own
    return cluster.network.node_cidrs if traits.ranges_match_nodes else ()


def known_ranges(cluster: Cluster) -> tuple[Network, ...]:
    """The known networks of the cluster, merged."""
    return merge_networks(cidr for network in cluster.networks for cidr in network.cidrs)


def is_known(cidr: Network, cluster: Cluster) -> bool:
    """Whether the range lies inside the known networks of the cluster."""
    return any(contains(known, cidr) for known in known_ranges(cluster))


def node_ranges(cluster: Cluster) -> tuple[OutsideRange, ...]:
    """What `entity: nodes` means where an engine knows nodes by address only, sorted."""
    network = cluster.network
    taken = (*network.pod_cidrs, *network.service_cidrs)
    return tuple(_without(each, taken) for each in merge_networks(network.node_cidrs))


def family_missing(cidr: Network, cluster: Cluster) -> str:
    """The family of the range if the cluster has no address of it, or the empty string."""
    family = FAMILY[cidr.version]
    return "" if family in cluster.network.families else family


def _without(cidr: Network, own: tuple[Network, ...]) -> OutsideRange:
    return OutsideRange(
        cidr=cidr,
        without=holes(cidr, (*own, *METADATA)),
        metadata=holes(cidr, METADATA),
        own=holes(cidr, own),
    )
