"""What to know of an address that a question names and nothing that is given has."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from ipaddress import ip_network

from transire.model.net import Address, Network
from transire.queries.cluster_state import ClusterState
from transire.queries.directory import number_of
from transire.queries.query import Caveat

TAKEN_FOR_OUTSIDE = "taken-for-outside"
SERVICE_ADDRESS = "service-address"

_PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
"""Addresses that a node, a pod or a service may well have, or the pod itself; none meet."""
_EDGES = sorted(
    edge
    for each in _PRIVATE
    for edge in (number_of(each[0]), number_of(each[0]) + each.num_addresses)
)
"""Where these ranges begin and end, by number."""


def caveats_on(
    address: Address, cluster: ClusterState, *, ranges_mean_inside: bool
) -> tuple[Caveat, ...]:
    """What to know of an address that no pod and no node has which is given.

    `ranges_mean_inside`: whether the engine's address ranges also match pods and nodes.
    """
    service = cluster.services.get(address)
    if service:
        return (service_address(address, service),)
    if any(address in each for each in cluster.ranges):
        why = f"{address} is in a range of the cluster's own, and what has it is not given"
        return (_taken_for_outside(why, ranges_mean_inside=ranges_mean_inside),)
    if bisect_right(_EDGES, number_of(address)) % 2:
        why = f"{address} is private, and no pod or node that is given has it"
        return (_taken_for_outside(why, ranges_mean_inside=ranges_mean_inside),)
    return ()


@lru_cache(maxsize=4096)
def _taken_for_outside(why: str, *, ranges_mean_inside: bool) -> Caveat:
    means = "selectors mean pods" if ranges_mean_inside else "ranges do not mean pods and nodes"
    return Caveat(
        id=TAKEN_FOR_OUTSIDE,
        text=f"{why}, so it is taken to be outside; {means}, and policies see the pods behind a "
        "service",
    )


@lru_cache(maxsize=4096)
def service_address(address: Address, service: str) -> Caveat:
    """Why a verdict about a service's address is not what happens."""
    text = f"{address} is the address of {service}, and policies see the pods behind it instead"
    return Caveat(id=SERVICE_ADDRESS, text=text)
