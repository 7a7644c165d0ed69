"""What the objects that are there allow, namespace by namespace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from transire.engines.api.allowances import Allowance
from transire.engines.registry import engine_of, read_objects
from transire.flows.address_set import AddressSet
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.source_pods import Sources
from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest
from transire.meaning.world import world
from transire.model.intent import Cluster
from transire.model.problems import Unjudgeable
from transire.pipeline.progress import counted
from transire.queries.declared_cluster import declared_state
from transire.review.diff.observed import API_SERVER
from transire.review.migration.candidates import LeftOut
from transire.review.migration.places import Space, namespace_keys

_RULE = re.compile(r"/specs?(?:/[0-9]+)?/egress/[0-9]+")


@dataclass(frozen=True, kw_only=True)
class OldObjects:
    """The objects of one cluster, by what they come to for the pods of a namespace."""

    objects: tuple[Manifest, ...]
    cluster: Cluster

    @cached_property
    def allowances(self) -> tuple[Allowance, ...]:
        """What their rules name, part by part."""
        engine = engine_of(self.cluster.release)
        state, options = declared_state(self.cluster), engine.options(self.cluster)
        return tuple(engine.allowances(self.objects, self.cluster.release, state, options))

    @cached_property
    def refused(self) -> tuple[Refused, ...]:
        """The objects that the cluster does not take, or the engine does not enforce."""
        return read_objects(self.objects, self.cluster).refused

    @cached_property
    def _keys(self) -> frozenset[str]:
        return namespace_keys(self.allowances)

    @cached_property
    def world(self) -> FlowSet:
        """Every flow that can exist: no packet of one IP family has ICMP of the other."""
        traits = engine_of(self.cluster.release).traits(self.cluster)
        strange = (
            FlowSet.reach(
                source=PodSet.everything(),
                peer=Peer.everything(),
                ports=PortSet.of_protocol(protocol),
                addresses=AddressSet.family(version),  # type: ignore[arg-type]
            )
            for protocol, version in ((Protocol.ICMP, 6), (Protocol.ICMPv6, 4))
        )
        return world(self.cluster, traits) - FlowSet.union(strange)

    def sources(self, space: Space) -> Sources:
        """The pods of a namespace."""
        return Sources(pods=space.pods(self._keys), namespace=space.name)

    def governing(
        self, namespace: str, objects: Iterable[Manifest] | None = None
    ) -> tuple[Manifest, ...]:
        """The objects that may concern the pods of a namespace, numbered as one input."""
        scope = engine_of(self.cluster.release).scope
        found = []
        for each in self.objects if objects is None else objects:
            names = scope.namespaces(each)
            if each.ref.namespace not in {"", namespace} or not (
                names is None or namespace in names
            ):
                continue
            found.append(each if names is None else scope.narrowed(each))
        return tuple(replace(each, index=index) for index, each in enumerate(found))

    def without_rule(
        self, objects: tuple[Manifest, ...], error: Unjudgeable
    ) -> tuple[tuple[Manifest, ...], LeftOut] | None:
        """The objects without the rule that an error is about, where that only takes away."""
        found = [each for each in objects if str(each.ref) == error.where]
        match = _RULE.match(error.key)
        if len(found) != 1 or match is None:
            return None
        scope = engine_of(self.cluster.release).scope
        smaller = scope.without_rule(found[0], match[0])
        if smaller is None or smaller.body == found[0].body:
            return None
        kept = tuple(smaller if each is found[0] else each for each in objects)
        return kept, LeftOut(object=found[0].ref, pointer=error.key, why=error.why)

    def flows(self, space: Space, objects: Sequence[Manifest] | None = None) -> FlowSet:
        """What all of them, or some others, allow the pods of a namespace.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        given = self.governing(space.name) if objects is None else objects
        return self.allowed(space, given, API_SERVER)

    def allowed(self, space: Space, objects: Sequence[Manifest], ports: PortSet) -> FlowSet:
        """The same of objects that concern the namespace; `ports` are those of the API server.

        Labels of the namespace that are known are no condition any more.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        found = read_objects(objects, self.cluster).flows(self.sources(space), ports)
        known = space.labels is not None
        return (found.project_out(Axis.NAMESPACE_LABEL) if known else found) & self.world


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFlows:
    """What was found of the namespaces: flows, and why there are none for the others.

    Where some rules that only add something could not be judged, `partly` says why, and the flows
    are those without them, so that what is among these is allowed for sure.
    """

    flows: Mapping[str, FlowSet]
    unjudged: Mapping[str, str]
    partly: Mapping[str, tuple[LeftOut, ...]]
    objects: Mapping[str, tuple[Manifest, ...]]
    """The objects whose flows these are."""


def old_flows(old: OldObjects, spaces: Iterable[Space]) -> OldFlows:
    """What the objects allow in each namespace, as far as it can be judged."""
    flows: dict[str, FlowSet] = {}
    unjudged: dict[str, str] = {}
    partly: dict[str, tuple[LeftOut, ...]] = {}
    objects: dict[str, tuple[Manifest, ...]] = {}
    known = list(spaces)
    for each in counted(known, len(known), "namespaces"):
        try:
            found, without, judged = _lower_bound(old, each)
            _check_labels(each, found)
            flows[each.name] = found
            objects[each.name] = judged
        except Unjudgeable as error:
            unjudged[each.name] = str(error)
        else:
            if without:
                partly[each.name] = without
    return OldFlows(flows=flows, unjudged=unjudged, partly=partly, objects=objects)


def _check_labels(space: Space, found: FlowSet) -> None:
    """Refuse to judge a namespace where labels decide that nobody gave.

    Raises:
        Unjudgeable: if so.
    """
    if space.labels is None and found != found.project_out(Axis.NAMESPACE_LABEL):
        why = "labels of the namespace decide what holds there; give its Namespace object too"
        raise Unjudgeable(f"Namespace {space.name}", "/metadata/labels", why)


def _lower_bound(
    old: OldObjects, space: Space
) -> tuple[FlowSet, tuple[LeftOut, ...], tuple[Manifest, ...]]:
    """What the objects allow for sure, the rules that this is without, and the objects then.

    Raises:
        Unjudgeable: if it cannot be told without a rule that may take something away.
    """
    objects, without = old.governing(space.name), list[LeftOut]()
    while True:
        try:
            return old.flows(space, objects), tuple(without), objects
        except Unjudgeable as error:
            smaller = old.without_rule(objects, error)
            if smaller is None:
                raise
            objects, lost = smaller
            without.append(replace(lost, namespace=space.name))
