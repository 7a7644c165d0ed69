"""What a rule may reach: names, addresses, pods and parts of the cluster, each with its ports."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from transire.model.names import HostPattern
from transire.model.net import Network, PortRange
from transire.model.problems import Position

Labels = tuple[tuple[str, str], ...]
"""Pod labels as sorted pairs; empty means every pod of the namespace."""

NOWHERE = Position(path="")


def _at() -> Position:
    return field(default=NOWHERE, compare=False, repr=False)


def shown_labels(labels: Labels) -> str:
    """Labels as queries spell them, `*` for none."""
    return ",".join(f"{key}={value}" for key, value in labels) or "*"


class EntityKind(StrEnum):
    """Parts of the cluster that are no pods."""

    KUBE_APISERVER = "kube-apiserver"
    NODES = "nodes"
    INGRESS = "ingress"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Host:
    """A name outside the cluster; `bundle` is the vetted set it came from, or empty.

    `ports` are its own, here and in every other destination; empty means those of the rule.
    """

    pattern: HostPattern
    bundle: str = ""
    ports: tuple[PortRange, ...] = ()
    at: Position = _at()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRange:
    """Addresses outside the cluster.

    `network` is the known network it came from, and `bundle` the vetted set, or empty.
    """

    cidr: Network
    network: str = ""
    bundle: str = ""
    ports: tuple[PortRange, ...] = ()
    at: Position = _at()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pods:
    """Pods by labels: of one namespace, or of all that have `namespace_labels`.

    `cluster` is another cluster of the mesh, by its name there; empty means the rule's own.
    """

    namespace: str = ""
    namespace_labels: Labels = ()
    labels: Labels = ()
    cluster: str = ""
    ports: tuple[PortRange, ...] = ()
    at: Position = _at()

    @property
    def where(self) -> str:
        """Their namespace, or the labels of their namespaces as queries spell labels.

        A namespace of another cluster has that before it: `eks-b/ledger`.
        """
        place = self.namespace or shown_labels(self.namespace_labels)
        return f"{self.cluster}/{place}" if self.cluster else place


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Entity:
    """A part of the cluster that is no pod."""

    kind: EntityKind
    ports: tuple[PortRange, ...] = ()
    at: Position = _at()


Destination = Host | AddressRange | Pods | Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNetwork:
    """Addresses outside the clusters that the platform answers for, such as those of a VPC.

    `clusters` holds those from which it can be reached, None all of them.
    """

    name: str
    cidrs: tuple[Network, ...]
    clusters: frozenset[str] | None = None
    about: str = ""
    at: Position = _at()

    def is_on(self, cluster: str) -> bool:
        """Whether the cluster of that name has the network."""
        return self.clusters is None or cluster in self.clusters
