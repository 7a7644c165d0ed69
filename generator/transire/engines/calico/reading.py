"""Objects as one release of Calico reads them, and its verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from transire.engines.api.reading import OtherReading
from transire.engines.calico.inputs import Inputs
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.other_ways import OtherWay, OtherWays
from transire.engines.calico.sets.flows import Symbols
from transire.engines.calico.sets.others_sets import OthersSets, foreign_selectors
from transire.engines.calico.verdicts.ingress_requests import ingress_policies
from transire.engines.calico.verdicts.pod_questions import UNSURE_ORDER, Questions, Setting
from transire.engines.calico.verdicts.policy_state import PolicyState, compile_world
from transire.engines.calico.verdicts.stored import Form, ScopedUnmodelled, StoredObject
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.networkpolicy import ParsedPolicies, parse_networkpolicies
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Definitions
from transire.model.problems import Unjudgeable, UsageError
from transire.queries.cluster_state import ClusterState
from transire.queries.directory import Directory, NotFoundError
from transire.queries.pod_questions import unclear, unjudgeable
from transire.queries.query import Caveat, Decision, Query, Source
from transire.queries.with_caveats import WithCaveats

_CACHED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoReading:
    """What the cluster takes, what it drops, and what it decides."""

    refused: tuple[Refused, ...]
    pruned: tuple[Pruned, ...]
    scoped: tuple[ScopedUnmodelled, ...]
    """Objects that are not judged; a pod they concern gets no verdict."""
    setting: Setting
    other_ways: OtherWays = field(default_factory=OtherWays, compare=False, repr=False)
    _made: WithCaveats = field(default_factory=WithCaveats, compare=False, repr=False)
    _pods: dict[tuple[str, str, frozenset[tuple[str, str]]], Questions] = field(
        default_factory=dict, compare=False, repr=False
    )
    _seen: dict[int, tuple[Source, Questions]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Sources by identity, for callers that pass the same value again and again."""

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """The places, whichever pods they concern."""
        return tuple(each.entry for each in self.scoped)

    def decide(self, query: Query) -> Decision:
        """The verdict for one flow, never a guess: what is not modelled is unjudgeable."""
        decision, of_objects = self._decided(query)
        caveats = list(of_objects)
        for way in self.other_ways.differing(self.setting.worlds, self.scoped):
            verdict = way.reading.decide(query).verdict
            if verdict is not decision.verdict:
                caveats.append(way.caveat(verdict))
        return self._made.of(decision, caveats)

    def _decided(self, query: Query) -> tuple[Decision, tuple[Caveat, ...]]:
        """The verdict, and what to know about the objects that concern the pod."""
        source = query.source
        for each in self.scoped:
            if each.namespace in {"", source.namespace}:
                return unjudgeable(each.entry), ()
        if query.options:
            return unclear(f"the option {min(query.options)!r} is not modelled"), ()
        try:
            seen = self._seen.get(id(source))
            questions = self._questions(source) if seen is None else seen[1]
            return questions.decide(query.what), questions.caveats
        except NotFoundError as error:
            return unclear(str(error)), ()

    def alternatives(self) -> tuple[OtherReading, ...]:
        """How other kinds of clusters read them, where that comes to other policies."""
        return tuple(
            OtherReading(where=each.way.where, reading=each.reading)
            for each in self.other_ways.differing(self.setting.worlds, self.scoped)
        )

    def flows(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> FlowSet:
        """Every flow that these pods are allowed, names queried at a reachable resolver included.

        Args:
            source: the pods to judge; None for every pod that could exist.
            api_server_ports: the ports of the API server's endpoints. A rule that names its
                service is understood only where these are given.

        Raises:
            Unjudgeable: if an object or a rule that concerns them holds what is not modelled.
        """
        sources = self._judged(source)
        first, *others = (
            Symbols(world, sources, api_server_ports).flows() for world in self.setting.worlds
        )
        if any(each != first for each in others):
            raise Unjudgeable("release", "/spec/order", UNSURE_ORDER)
        return first

    def products(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> tuple[Product, ...] | None:
        """Products whose union those flows are; None where they are no plain union.

        Raises:
            Unjudgeable: as above.
        """
        sources, worlds = self._judged(source), self.setting.worlds
        return None if worlds[1:] else Symbols(worlds[0], sources, api_server_ports).products()

    def _judged(self, source: PodSet | Sources | None) -> Sources:
        """The pods.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        sources = Sources.of(source)
        for each in self.scoped:
            if sources.any_in(each.namespace):
                raise each.entry.error()
        return sources

    def others_fill(
        self, source: PodSet | Sources, declared: Mapping[str, str]
    ) -> Iterator[Unmodelled]:
        """Every selector that may find a set of addresses which is not given."""
        for world in self.setting.worlds:
            others = OthersSets(world=world, sources=Sources.of(source), declared=declared)
            yield from others.references()

    def _questions(self, source: Source) -> Questions:
        key = source.namespace, source.pod, frozenset(source.labels.items())
        found = self._pods.get(key)
        if found is None:
            if len(self._pods) >= _CACHED:
                self._pods.clear()
            found = self._pods[key] = self.setting.questions(source)
        if len(self._seen) >= _CACHED:
            self._seen.clear()
        self._seen[id(source)] = source, found
        return found


def read_calico(
    manifests: Sequence[Manifest],
    dialects: tuple[Dialect, ...],
    cluster: ClusterState,
    *,
    product: str,
) -> CalicoReading:
    """Read objects as a release does that is one of these dialects.

    Where the cluster state does not hold how Calico's API is served, it is taken to be by Calico's
    API server, with a caveat where native definitions would give another verdict.

    Args:
        manifests: any objects; those that are no network policy are left alone.
        dialects: the only one, or all that the release may be; then a verdict needs them to agree.
        cluster: what the cluster holds.
        product: the product's name, for messages.

    Raises:
        UsageError: if the cluster is to have native definitions and the release has none.
    """
    has_native = any(each.has_native for each in dialects)
    native = tuple(each.natively() for each in dialects if each.has_native)
    if cluster.definitions is Definitions.NATIVE:
        if not has_native:
            raise UsageError(
                f"this release of {product} has no native definitions, as it is too old"
            )
        return _read(manifests, Inputs(dialects=native, product=product), cluster)
    inputs = Inputs(dialects=dialects, product=product)
    found = _read(manifests, inputs, cluster)
    ways: list[OtherWay] = []
    unknown = cluster.definitions is None and all(each.form is Form.V3 for each in inputs.calico)
    if has_native and unknown and inputs.calico:
        native_cluster = replace(cluster, definitions=Definitions.NATIVE)
        ways.append(
            OtherWay(
                id="native-definitions",
                where="with native definitions of projectcalico.org/v3",
                read=lambda: _read(
                    manifests, Inputs(dialects=native, product=product), native_cluster
                ),
            )
        )
    if inputs.any_newer:
        served = Inputs(dialects=dialects, product=product, newer=True)
        ways.append(
            OtherWay(
                id="newer-cluster-policy",
                where="where network-policy-api 0.3.0 or newer serves ClusterNetworkPolicy",
                read=lambda: _read(manifests, served, cluster),
            )
        )
    return replace(found, other_ways=OtherWays(tuple(ways)))


def _read(manifests: Sequence[Manifest], inputs: Inputs, cluster: ClusterState) -> CalicoReading:
    for manifest in manifests:
        inputs.add(manifest)
    kubernetes = parse_networkpolicies(inputs.kubernetes)
    worlds = tuple(
        compile_world(inputs.calico, kubernetes, each, cluster) for each in inputs.dialects
    )
    everywhere = set(worlds[0].refused).intersection(*(world.refused for world in worlds[1:]))
    somewhere = {each for world in worlds for each in world.refused} - everywhere
    refused = sorted([*inputs.refused, *everywhere], key=lambda each: each.manifest)
    unmodelled = (
        *inputs.unmodelled,
        *worlds[0].unmodelled,
        *(_unmodelled_release(each) for each in somewhere),
    )
    return CalicoReading(
        refused=tuple(refused),
        pruned=_pruned(inputs.calico, kubernetes, {each.manifest for each in refused}),
        scoped=unmodelled,
        setting=Setting(
            worlds=_distinct(worlds),
            directory=Directory(cluster),
            learns=inputs.dialects[0].domains,
            find_foreign=partial(foreign_selectors, cluster=cluster),
            notes=worlds[0].notes,
            ingress=ingress_policies(inputs.calico, inputs.dialects[0]),
        ),
    )


def _pruned(
    calico: Sequence[StoredObject], kubernetes: ParsedPolicies, refused: Collection[int]
) -> tuple[Pruned, ...]:
    """The fields that are dropped from what is stored; of what is refused, nothing is."""
    found = [
        Pruned(manifest=each.manifest, path=path)
        for each in calico
        for path in each.decoded.pruned
        if each.manifest not in refused
    ]
    return tuple(sorted([*found, *kubernetes.pruned], key=lambda each: each.manifest))


def _unmodelled_release(refused: Refused) -> ScopedUnmodelled:
    key, _, why = refused.why.partition(" ")
    entry = Unmodelled(
        object=refused.object,
        key=key,
        why=f"some releases refuse it ({why}), and it is not known whether this one does",
    )
    return ScopedUnmodelled(entry=entry)


def _distinct(worlds: tuple[PolicyState, ...]) -> tuple[PolicyState, ...]:
    """The worlds without those that hold the same policies in the same order as the first."""
    first = _order(worlds[0])
    return worlds[:1] if all(_order(each) == first for each in worlds) else worlds


def _order(world: PolicyState) -> list[tuple[str, list[ObjectRef]]]:
    return [(tier.name, [each.object for each in tier.policies]) for tier in world.tiers]
