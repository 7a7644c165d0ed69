"""Queries about our targets: what their values and their cluster's declarations add.

A pod is judged by the objects of its own namespace and those of the cluster, or not at all. A host
that the values delegate is the proxy's to decide, and a target in audit blocks nothing yet: both
are shown beside the verdict, which stays that of the objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from transire.engines.api.reading import OtherReading, Reading
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest
from transire.k8s.unmodelled import Unmodelled
from transire.meaning.hosts import matches
from transire.meaning.target import Target
from transire.model.engine import Release
from transire.model.intent import Cluster, EntityKind, Mode
from transire.model.names import HostPattern
from transire.model.pod_selector import PodSelector
from transire.model.problems import Rejected
from transire.queries.cluster_state import ClusterState
from transire.queries.declared_cluster import DeclaredResolver, declared_resolver
from transire.queries.query import Caveat, Decision, Query, Source, Verdict
from transire.queries.with_caveats import WithCaveats

_ENTITIES = frozenset(each.value for each in EntityKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatedHost:
    """A host of a rule that is delegated to something else."""

    rule: str
    sources: tuple[PodSelector, ...]
    pattern: HostPattern
    to: str

    def concerns(self, source: Source, host: str) -> bool:
        """Whether the rule holds for the pod and the host is one that it means."""
        account = source.account or "default"
        mine = any(each.selects(source.labels, account) for each in self.sources)
        return mine and matches(self.pattern, host)

    @property
    def caveat(self) -> Caveat:
        """What is to be known besides the verdict of the objects."""
        return Caveat(
            id="delegated-host",
            text=f"rule {self.rule!r} lists {self.pattern.shown}, which is delegated to {self.to}: "
            "pods ask for it there, and what is there decides",
            delegated=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What is known of a target beside its objects."""

    namespace: str
    mode: Mode
    delegated: tuple[DelegatedHost, ...] = ()

    @classmethod
    def of(cls, target: Target) -> TargetFacts:
        """Those of a target whose values are sound."""
        return cls(
            namespace=target.namespace, mode=target.mode, delegated=tuple(_delegated(target))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceObjects:
    """What governs the pods of one namespace, and what is known of it besides."""

    manifests: tuple[Manifest, ...]
    facts: TargetFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespaces:
    """The namespaces of one cluster whose objects are at hand, with what is known of each."""

    cluster: Cluster
    facts: Mapping[str, TargetFacts]
    others: Callable[[str], NamespaceObjects | None] | None = None
    """Gives another namespace, if it is enrolled; None where every enrolled one is at hand."""
    files: bool = False
    """Whether there are objects of files besides, which may govern any namespace."""
    families: Mapping[str, str] = field(default_factory=dict)
    """The agent's flags that follow from the cluster's IP families, which no query may change."""


def _delegated(target: Target) -> Sequence[DelegatedHost]:
    engine = engine_of(target.cluster.release)
    names = engine.traits(target.cluster).hosts
    try:
        handed = {(each.rule, each.host): each.to for each in engine.lower(target).delegated}
    except Rejected:  # its values are refused by name elsewhere, here its objects are judged
        handed = {}
    return [
        DelegatedHost(
            rule=rule.name,
            sources=rule.sources,
            pattern=host.pattern,
            to=handed.get((rule.name, host.pattern.text), "the cluster's fallback"),
        )
        for rule in (*target.rules, *target.everyone)
        for host in rule.hosts
        if not names or (rule.name, host.pattern.text) in handed
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agent:
    """What reads objects of a cluster."""

    release: Release
    options: Mapping[str, str]
    state: ClusterState

    def reading(self, manifests: Sequence[Manifest]) -> Reading:
        engine = engine_of(self.release)
        return engine.reading(manifests, self.release, self.state, self.options)

    def later(self, manifests: Sequence[Manifest]) -> Reading:
        """The objects as they would be enforced."""
        return self.reading(engine_of(self.release).enforced(manifests))


@dataclass(slots=True)
class TargetReading:
    """The objects of targets as their engine reads them, with what the values add to a verdict."""

    reading: Reading
    namespaces: Namespaces
    agent: _Agent
    resolver: DeclaredResolver
    later: Reading | None
    """The objects as they would be enforced, where a target is in audit."""
    _others: dict[str, TargetReading | None] = field(default_factory=dict)
    _made: WithCaveats = field(default_factory=WithCaveats)

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Objects left out whole."""
        return self.reading.refused

    @property
    def pruned(self) -> tuple[Pruned, ...]:
        """Fields left out, the rest judged."""
        return self.reading.pruned

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """Places in the objects that are not modelled."""
        return self.reading.unmodelled

    def alternatives(self) -> Sequence[OtherReading]:
        """How else the objects may be read, where that comes to other policies."""
        return self.reading.alternatives()

    def flows(self, source: PodSet | Sources, api_server_ports: PortSet) -> FlowSet:
        """Every flow that the objects allow these pods.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        return self.reading.flows(source, api_server_ports)

    def products(
        self, source: PodSet | Sources, api_server_ports: PortSet
    ) -> Sequence[Product] | None:
        """Products whose union those flows are, or None where they are no plain union.

        Raises:
            Unjudgeable: as above.
        """
        return self.reading.products(source, api_server_ports)

    def others_fill(
        self, source: PodSet | Sources, declared: Mapping[str, str]
    ) -> Iterator[Unmodelled]:
        """Where the objects refer to what somebody else can fill."""
        return self.reading.others_fill(source, declared)

    def decide(self, query: Query) -> Decision:
        """The verdict of the objects that govern the source, with what the values add.

        Raises:
            Unjudgeable: if an option of the query is not modelled.
        """
        here = self.namespaces
        facts = here.facts.get(query.source.namespace)
        if facts is None and not here.files:
            return self._elsewhere(query)
        if query.what.host in _ENTITIES:
            return _entity(query.what.host, query.what.port)
        for flag, value in here.families.items():
            if query.options.get(flag, value) != value:
                return _other_family(flag, value, here.cluster)
        resolved = self.resolver.with_resolver(query)
        decision = self.reading.decide(resolved)
        caveats = [] if resolved is query else [self.resolver.caveat]
        if facts is None:
            caveats.append(_not_enrolled(query.source, here.cluster))
        elif self.later is not None and facts.mode is Mode.AUDIT:
            caveats.append(_once_enforced(decision, self.later.decide(resolved)))
        caveats += _delegations(query, facts)
        return self._made.of(decision, caveats)

    def _elsewhere(self, query: Query) -> Decision:
        """The verdict of another namespace's objects, read when they are first needed."""
        name = query.source.namespace
        if name not in self._others:
            self._others[name] = self._other(name)
        other = self._others[name]
        return (
            _unknown(query.source, self.namespaces.cluster)
            if other is None
            else other.decide(query)
        )

    def _other(self, name: str) -> TargetReading | None:
        found = None if self.namespaces.others is None else self.namespaces.others(name)
        if found is None:
            return None
        here = replace(self.namespaces, facts={name: found.facts}, others=None)
        return _reading(found.manifests, here, self.agent)


def _delegations(query: Query, facts: TargetFacts | None) -> list[Caveat]:
    host = query.what.host
    if not host or facts is None:
        return []
    return [each.caveat for each in facts.delegated if each.concerns(query.source, host)][:1]


def _unknown(source: Source, cluster: Cluster) -> Decision:
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"namespace {source.namespace} is not enrolled on cluster {cluster.name}, so "
        "nothing here governs its pods, and what else does is not known; ask about the cluster's "
        "own objects with -f",
    )


def _not_enrolled(source: Source, cluster: Cluster) -> Caveat:
    return Caveat(
        id="not-enrolled",
        text=f"namespace {source.namespace} is not enrolled on cluster {cluster.name}: the verdict "
        "is that of the given files, and policies of others are not known",
    )


def _entity(host: str, port: int) -> Decision:
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"{host} is an entity of the values and no host; write entity:{host}:{port}",
    )


def _other_family(flag: str, value: str, cluster: Cluster) -> Decision:
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"agent_options of the query change {flag}, which is {value!r} by what the "
        f"platform's file declares of cluster {cluster.name}: IP families "
        f"{', '.join(cluster.network.families)}",
    )


def _once_enforced(now: Decision, later: Decision) -> Caveat:
    outcome = {Verdict.ALLOW: "allowed", Verdict.DENY: "denied"}.get(later.verdict, "not judged")
    same = now.verdict is later.verdict and now.decided_by == later.decided_by
    why = "" if same else f": {later.reason}"
    return Caveat(
        id="audit-mode",
        text=f"the target is in audit, which blocks nothing; once enforced this is {outcome}{why}",
        once_enforced=later.verdict,
    )


def target_reading(
    manifests: Sequence[Manifest],
    release: Release,
    options: Mapping[str, str],
    namespaces: Namespaces,
    state: ClusterState,
) -> TargetReading:
    """The objects of targets, and those that they become when their audit ends.

    Raises:
        Unjudgeable: if an agent flag is not modelled.
    """
    return _reading(manifests, namespaces, _Agent(release=release, options=options, state=state))


def _reading(manifests: Sequence[Manifest], namespaces: Namespaces, agent: _Agent) -> TargetReading:
    audited = any(each.mode is Mode.AUDIT for each in namespaces.facts.values())
    resolver, _ = declared_resolver(namespaces.cluster)
    return TargetReading(
        reading=agent.reading(manifests),
        namespaces=namespaces,
        agent=agent,
        resolver=resolver,
        later=agent.later(manifests) if audited else None,
    )
