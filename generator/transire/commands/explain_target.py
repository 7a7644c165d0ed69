"""Queries about one of our targets: what its values and its cluster's declarations add.

A target governs the pods of its namespace alone, so no other pod is judged. A host that
the values delegate is the proxy's to decide, and a target in audit blocks nothing yet: both are
shown beside the verdict, which stays that of the objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from transire.engines.api.reading import OtherReading, Reading
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest
from transire.k8s.unmodelled import Unmodelled
from transire.meaning.hosts import matches
from transire.meaning.target import Target
from transire.model.engine import Release
from transire.model.intent import Cluster, EntityKind, Mode
from transire.model.names import HostPattern
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
    labels: Mapping[str, str]
    pattern: HostPattern
    to: str

    def concerns(self, source: Source, host: str) -> bool:
        """Whether the rule holds for the pod and the host is one that it means."""
        mine = all(source.labels.get(key) == value for key, value in self.labels.items())
        return mine and matches(self.pattern, host)

    @property
    def caveat(self) -> Caveat:
        """What is to be known besides the verdict of the objects."""
        return Caveat(
            id="delegated-host",
            text=f"rule {self.rule!r} lists {self.pattern.shown}, which is delegated to {self.to}: "
            "pods ask for it there, and what is there decides",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What is known of a target beside its objects."""

    namespace: str
    cluster: Cluster
    mode: Mode
    delegated: tuple[DelegatedHost, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    """The agent's flags that follow from the cluster's IP families, which no query may change."""

    @classmethod
    def of(cls, target: Target) -> TargetFacts:
        """Those of a target whose values are sound."""
        return cls(
            namespace=target.namespace,
            cluster=target.cluster,
            mode=target.mode,
            delegated=tuple(_delegated(target)),
            families=engine_of(target.cluster.release).family_options(target.cluster),
        )


def _delegated(target: Target) -> Sequence[DelegatedHost]:
    engine = engine_of(target.cluster.release)
    if engine.traits(target.cluster).hosts:
        return ()
    try:
        handed = {(each.rule, each.host): each.to for each in engine.lower(target).delegated}
    except Rejected:  # its values are refused by name elsewhere, here its objects are judged
        handed = {}
    return [
        DelegatedHost(
            rule=rule.name,
            labels=dict(rule.from_labels),
            pattern=host.pattern,
            to=handed.get((rule.name, host.pattern.text), "the cluster's fallback"),
        )
        for rule in (*target.rules, *target.everyone)
        for host in rule.hosts
    ]


@dataclass(slots=True)
class TargetReading:
    """The objects of a target as its engine reads them, with what the values add to a verdict."""

    reading: Reading
    facts: TargetFacts
    resolver: DeclaredResolver
    later: Reading | None
    """The objects as they would be enforced, where the target is in audit."""
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

    def others_fill(
        self, source: PodSet | Sources, declared: Mapping[str, str]
    ) -> Iterator[Unmodelled]:
        """Where the objects refer to what somebody else can fill."""
        return self.reading.others_fill(source, declared)

    def decide(self, query: Query) -> Decision:
        """The verdict of the objects, with what the values add.

        Raises:
            Unjudgeable: if an option of the query is not modelled.
        """
        facts = self.facts
        if query.source.namespace != facts.namespace:
            return _elsewhere(query.source, facts)
        if query.what.host in _ENTITIES:
            return _entity(query.what.host)
        for flag, value in facts.families.items():
            if query.options.get(flag, value) != value:
                return _other_family(flag, value, facts.cluster)
        resolved = self.resolver.with_resolver(query)
        decision = self.reading.decide(resolved)
        caveats = [] if resolved is query else [self.resolver.caveat]
        if self.later is not None:
            caveats.append(_once_enforced(decision, self.later.decide(resolved)))
        caveats += self._delegations(query, decision)
        return self._made.of(decision, caveats)

    def _delegations(self, query: Query, decision: Decision) -> list[Caveat]:
        host = query.what.host
        if not host or not self.facts.delegated or decision.verdict is not Verdict.DENY:
            return []
        concerned = (each for each in self.facts.delegated if each.concerns(query.source, host))
        return [each.caveat for each in concerned][:1]


def _elsewhere(source: Source, facts: TargetFacts) -> Decision:
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"the target {facts.namespace}.{facts.cluster.name} governs pods of "
        f"{facts.namespace} alone, so of a pod of {source.namespace} nothing is known; ask with "
        f"--target {source.namespace}.{facts.cluster.name}",
    )


def _entity(host: str) -> Decision:
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"{host} is an entity of the values and no host; ask for its address, with "
        "--cluster FILE where a cluster file has which it is",
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
    )


def target_reading(
    manifests: Sequence[Manifest],
    release: Release,
    options: Mapping[str, str],
    facts: TargetFacts,
    cluster: ClusterState,
) -> TargetReading:
    """The objects of a target, and those that they become when its audit ends.

    Raises:
        Unjudgeable: if an agent flag is not modelled.
    """
    engine = engine_of(release)
    later = None
    if facts.mode is Mode.AUDIT:
        later = engine.reading(engine.enforced(manifests), release, cluster, options)
    reading = engine.reading(manifests, release, cluster, options)
    resolver, _ = declared_resolver(facts.cluster)
    return TargetReading(reading=reading, facts=facts, resolver=resolver, later=later)
