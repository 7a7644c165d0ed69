"""Objects as one engine reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Decision, Query


class Reading(Protocol):
    """Objects as one engine reads them: what is left out, what it decides, what it allows."""

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Objects left out whole."""
        ...

    @property
    def pruned(self) -> tuple[Pruned, ...]:
        """Fields left out, the rest judged."""
        ...

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """Places in the objects that this program does not model, whoever they concern."""
        ...

    def decide(self, query: Query) -> Decision:
        """The verdict for one flow, never a guess: what is not modelled is unjudgeable."""
        ...

    def alternatives(self) -> Sequence[OtherReading]:
        """How else the objects may be read, where that comes to other policies."""
        ...

    def flows(self, source: PodSet | Sources, api_server_ports: PortSet) -> FlowSet:
        """Every flow that these pods are allowed.

        `api_server_ports` are those of the API server's endpoints, for an engine that reaches it
        by its service.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        ...

    def products(
        self, source: PodSet | Sources, api_server_ports: PortSet
    ) -> Sequence[Product] | None:
        """Products whose union those flows are, or None where they are no plain union.

        A denial, an order or a claim on content that could mix two rules leaves none.

        Raises:
            Unjudgeable: as above.
        """
        ...

    def others_fill(
        self, source: PodSet | Sources, declared: Mapping[str, str]
    ) -> Iterator[Unmodelled]:
        """Where a policy that concerns these pods refers to what somebody else can fill.

        Its flows hold nothing of that. `declared` are labels of sets that the values hand the
        verdict to, which are left out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherReading:
    """The same objects where something that is not known of the cluster is otherwise.

    `where` names that, and begins a sentence.
    """

    where: str
    reading: Reading


class Reader(Protocol):
    """How an engine reads objects."""

    def __call__(
        self,
        manifests: Sequence[Manifest],
        release: Release,
        cluster: ClusterState,
        options: Mapping[str, str],
    ) -> Reading:
        """The objects, all applied together, in a cluster, under an agent's flags.

        Raises:
            UsageError: if an option is given that the engine does not have.
            Unjudgeable: if a flag of the agent is not modelled.
        """
        ...
