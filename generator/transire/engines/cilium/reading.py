"""What Cilium lets pods do: policies of any origin to verdicts, by the engine's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from transire.engines.api.reading import OtherReading
from transire.engines.cilium.objects.agent import agent_of
from transire.engines.cilium.objects.objects import held_by
from transire.engines.cilium.sets.flows import policy_flows, policy_products
from transire.engines.cilium.verdicts.agent_state import AgentState
from transire.engines.cilium.verdicts.conflicts import conflicts
from transire.engines.cilium.verdicts.single_flow import Pod
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.queries.cluster_state import EMPTY, ClusterState
from transire.queries.query import Decision, DnsQuery, Query, Source

_MOST_SOURCES = 4096
_MOST_AGENTS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CiliumReading:
    """Objects as one release of Cilium reads them in one cluster."""

    manifests: tuple[Manifest, ...]
    release: Release
    options: Mapping[str, str]
    world: AgentState
    refused: tuple[Refused, ...]
    """Objects left out whole, which can open; those in a conflict of rules are the last."""
    pruned: tuple[Pruned, ...]
    """Fields left out, which can open too."""
    others: dict[frozenset[tuple[str, str]], CiliumReading] = field(default_factory=dict)
    pods: dict[int, tuple[Source, Pod]] = field(default_factory=dict)

    def under(self, options: Mapping[str, str]) -> CiliumReading:
        """The same objects under an agent with these flags besides.

        Raises:
            Unjudgeable: if a flag or its value is not modelled.
        """
        if not options:
            return self
        key = frozenset(options.items())
        found = self.others.get(key)
        if found is None:
            flags = {**self.options, **options}
            found = read(self.manifests, self.release, self.world.cluster, flags)
            if len(self.others) >= _MOST_AGENTS:
                self.others.clear()
            self.others[key] = found
        return found

    def decide(self, query: Query) -> Decision:
        """The verdict for one flow.

        Raises:
            Unjudgeable: if an option of the query is not modelled.
        """
        if query.options:
            return self.under(query.options).decide(_plain(query))
        pod, what, verdicts = self._pod(query.source), query.what, self.world.verdicts
        if isinstance(what, DnsQuery):
            return verdicts.look_up(pod, what)
        if not what.prior_lookups:
            return verdicts.connect(pod, what)
        earlier = {each.pod: self._named(each.pod) for each in what.prior_lookups if each.pod}
        return verdicts.connect(pod, what, earlier)

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """None: they are kept with the rules, and count only where a question meets one."""
        return ()

    def alternatives(self) -> tuple[OtherReading, ...]:
        """None: there is one way to read them."""
        return ()

    def others_fill(
        self, source: PodSet | Sources, declared: Mapping[str, str]
    ) -> Iterator[Unmodelled]:
        """A group of ranges that is not given is not judged, so there is nothing else."""
        del source, declared
        return iter(())

    def flows(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> FlowSet:
        """Every flow that these pods are allowed, of all that could exist where none are given.

        A flow to a name is one to an address that was learnt for it, so it also needs a lookup
        that passes the DNS proxy. Pods on the host's network are not meant. The API server is an
        identity, so it needs no `api_server_ports`.

        Raises:
            Unjudgeable: if what is not modelled concerns any of them.
        """
        del api_server_ports
        world = self.world
        return policy_flows(
            world.held.rules,
            world.agent,
            world.cluster,
            world.named_ports,
            Sources.of(source),
        )

    def products(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> tuple[Product, ...] | None:
        """Products whose union those flows are; None where they are no plain union.

        Raises:
            Unjudgeable: if what is not modelled concerns any of the pods.
        """
        del api_server_ports
        world = self.world
        return policy_products(
            world.held.rules,
            world.agent,
            world.cluster,
            world.named_ports,
            Sources.of(source),
        )

    def _named(self, name: str) -> Pod | None:
        known = self.world.directory.pods.get(name)
        if known is None:
            return None
        return self.world.pod(Source(namespace=known.namespace, pod=known.name))

    def _pod(self, source: Source) -> Pod:
        """The pod behind a source; readers of queries give equal sources as one object."""
        known = self.pods.get(id(source))
        if known is not None and known[0] is source:
            return known[1]
        pod = self.world.pod(source)
        if len(self.pods) >= _MOST_SOURCES:
            self.pods.clear()
        self.pods[id(source)] = source, pod
        return pod


def read(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str] = EMPTY,
) -> CiliumReading:
    """Objects as one release of Cilium reads them in one cluster.

    CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, CiliumCIDRGroup and NetworkPolicy are
    read; Cilium enforces no other kind. What is not modelled in an object makes every verdict
    about a pod that it selects unjudgeable.

    Args:
        manifests: the objects, all applied together.
        release: a minor or a patch that is modelled.
        cluster: what the cluster holds.
        options: flags of the agent that differ from its defaults, spelled as the agent does.

    Raises:
        NotModelled: if the release is not modelled.
        Unjudgeable: if a flag or the value of one is not modelled.
    """
    agent = agent_of(release, options)
    held = held_by(agent, cluster.name, manifests)
    world = AgentState(held=held, agent=agent, cluster=cluster)
    return CiliumReading(
        manifests=tuple(manifests),
        release=release,
        options=options,
        world=world,
        refused=(*held.refused, *conflicts(world)),
        pruned=held.pruned,
    )


def _plain(query: Query) -> Query:
    return Query(id=query.id, source=query.source, what=query.what)
