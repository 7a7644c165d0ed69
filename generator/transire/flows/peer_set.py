"""Exact sets of what is at the other end: the outside, pods and reserved identities."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Self

from transire.flows.diagrams.axes import NO_KEY, PEER_SHIFT, Axis
from transire.flows.diagrams.diagram import Diagram, Graft, node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.paths import Path, joined, paths
from transire.flows.exact_set import ExactSet, judged
from transire.flows.pod_set import PodSet


class PeerKind(IntEnum):
    """What an address belongs to."""

    OUTSIDE = 0
    """Anything that is neither a pod nor a node of the cluster."""
    POD = 1
    NODE = 2
    """A node or another reserved address inside the cluster: host, health, ingress and so on."""


class ReservedIdentity(StrEnum):
    """What an address is besides a pod, by the names that files about a cluster use."""

    HOST = "host"
    """The node that the pod runs on."""
    REMOTE_NODE = "remote-node"
    KUBE_APISERVER = "kube-apiserver"
    HEALTH = "health"
    INGRESS = "ingress"


class Peer(ExactSet):
    """A set of peers by kind, by the reserved identities they carry, and, for pods, by labels.

    An identity is the name of a `ReservedIdentity` or of another one that an engine has; one peer
    may carry several, as a remote node that is also `kube-apiserver`, and so may an address
    outside.
    """

    __slots__ = ()

    @classmethod
    def outside(cls) -> Self:
        """Everything outside the cluster."""
        return cls._kind(PeerKind.OUTSIDE, True)

    @classmethod
    def pods(cls, pods: PodSet) -> Self:
        """These pods; never pods on the host's network, which are the node itself."""
        return cls._kind(PeerKind.POD, Graft(leaf=True, shift=PEER_SHIFT)(pods.diagram))

    @classmethod
    def node(cls, *identities: str) -> Self:
        """Nodes and other reserved addresses inside, that carry all of `identities`."""
        return cls._kind(PeerKind.NODE, True) & cls.reserved(*identities)

    @classmethod
    def reserved(cls, *identities: str) -> Self:
        """Whatever carries all of `identities`, inside the cluster or outside."""
        found = cls.everything()
        for each in identities:
            found &= cls(diagram=node((Axis.RESERVED, each), StepFunction([(0, False), (1, True)])))
        return found

    def __str__(self) -> str:
        """Such as `anything outside or nodes with kube-apiserver`."""
        found = judged(lambda: sorted(_alternative(path) for path in paths(self.diagram)))
        return " or ".join(found) or "nothing"

    @classmethod
    def _kind(cls, kind: PeerKind, what: Diagram) -> Self:
        return cls(diagram=_of_kind(kind, what))


@lru_cache(maxsize=1_024)
def _of_kind(kind: PeerKind, what: Diagram) -> Diagram:
    steps: list[tuple[int, Diagram]] = [(0, False), (kind, what), (kind + 1, False)]
    last = 3 if kind < max(PeerKind) else 2
    return node((Axis.PEER, NO_KEY), StepFunction(steps[kind == 0 : last]))


_KINDS = {PeerKind.OUTSIDE: "outside", PeerKind.POD: "pods", PeerKind.NODE: "nodes"}


def _alternative(path: Path) -> str:
    """One way to be in a set of peers, in words."""
    kinds, flags = list(PeerKind), []
    for (axis, key), test in path:
        if isinstance(test, StepFunction) and axis == Axis.PEER:
            kinds = [kind for kind in PeerKind if test.at(kind)]
        elif isinstance(test, StepFunction):
            flags.append(str(key) if test.at(1) else f"!{key}")
    pods = tuple(part for part in path if part[0][0] >= Axis.PEER_NAMESPACE)
    which = f" that are {PodSet(diagram=joined(pods, -PEER_SHIFT))}" if pods else ""
    carrying = f" carrying {', '.join(flags)}" if flags else ""
    some = "anything" if len(kinds) == len(PeerKind) else " or ".join(_KINDS[k] for k in kinds)
    return f"{some}{carrying}{which}"
