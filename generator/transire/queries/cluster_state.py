"""What a cluster holds, as far as a verdict depends on it.

The shape of the file is the one that `transire explain --cluster` reads; a key that is left out
means the cluster has none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from transire.model.engine import Definitions
from transire.model.net import Address, Network

EMPTY: Mapping[str, str] = MappingProxyType({})


def no_labels() -> Mapping[str, str]:
    """The empty mapping, as a factory: a mapping proxy cannot be a dataclass default in 3.11."""
    return EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPort:
    """A container port with a name."""

    port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One pod: where it runs, its labels, its addresses and the names of its ports."""

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=no_labels)
    ips: tuple[Address, ...] = ()
    named_ports: Mapping[str, NamedPort] = field(default_factory=lambda: MappingProxyType({}))
    service_account: str = "default"
    host_network: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node or another reserved address.

    `reserved` holds Cilium's names for it: host, remote-node, kube-apiserver, health, ingress.
    """

    name: str
    ip: Address
    reserved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """Namespaces with labels, pods, nodes, and the pod that resolves DNS (`namespace/name`)."""

    name: str = "default"
    namespace_labels: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    pods: tuple[Pod, ...] = ()
    nodes: tuple[Node, ...] = ()
    dns_server: str = "kube-system/coredns"
    """A pod as `namespace/name`, or an address."""
    services: Mapping[Address, str] = field(default_factory=lambda: MappingProxyType({}))
    """Services that have an address of their own, as a sentence names them."""
    ranges: tuple[Network, ...] = ()
    """Ranges of pods, services and nodes, where they are declared."""
    partial: bool = False
    """Whether further pods are in the cluster."""
    definitions: Definitions | None = None
    """How Calico's API is served; None where nothing is known of it."""
    mesh: bool = False
    """Whether pods of other clusters can be reached, as in a mesh."""
