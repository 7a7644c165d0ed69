"""Selectors that may find sets of addresses which somebody else makes or fills.

A selector of a rule finds every NetworkSet and GlobalNetworkSet with such labels, whoever made it.
Sets of the policy's own namespace count as given, and so do global ones that have the label which
the admission policy reserves for ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from transire.engines.calico.objects.rules import CalicoPolicy, CalicoRule
from transire.engines.calico.objects.selector import (
    NAMESPACE,
    OF_NAMESPACE,
    OF_SERVICE_ACCOUNT,
    ORCHESTRATOR,
    SERVICE_ACCOUNT,
    Selector,
    Term,
)
from transire.engines.calico.sets.pod_sets import combined, pod_set
from transire.engines.calico.verdicts.endpoint import pod_labels
from transire.engines.calico.verdicts.policy_state import PolicyState
from transire.flows.pod_set import PodSet
from transire.flows.source_pods import Sources
from transire.flows.text_set import TextSet
from transire.k8s.unmodelled import Unmodelled
from transire.queries.cluster_state import ClusterState, Pod
from transire.queries.directory import COREDNS

OWN_SET = "transire/set"
"""The label of our sets; `admission: true` lets nobody else give it to a global one."""

_OF_PODS = frozenset({ORCHESTRATOR, SERVICE_ACCOUNT})


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersSets:
    """The rules of a world, read for pods of some namespaces.

    `declared` are labels of global sets that the values hand the verdict to; empty for none.
    """

    world: PolicyState
    sources: Sources
    declared: Mapping[str, str]

    def references(self) -> Iterator[Unmodelled]:
        """Every rule that may find a set which is not given, and is not declared."""
        for tier in self.world.tiers:
            for policy in tier.policies:
                if not policy.staged and self.sources.any_in(policy.namespace):
                    for rule in policy.rules:
                        yield from self._of_rule(policy, rule)

    def _of_rule(self, policy: CalicoPolicy, rule: CalicoRule) -> Iterator[Unmodelled]:
        for side, entity in (("source", rule.source), ("destination", rule.destination)):
            for selector in (entity.members, entity.excluded):
                if selector is not None and self.finds_others(selector, policy.namespace):
                    yield Unmodelled(
                        object=policy.object,
                        key=f"{rule.pointer}/{side}",
                        why="the selector also finds sets of addresses that somebody else makes, "
                        "and what they hold is not known",
                    )

    def finds_others(self, selector: Selector, own: str) -> bool:
        """Whether a set that is not given may be found, in another namespace or a global one."""
        inside = PodSet.in_namespace(own) if own else PodSet.nothing()
        if _sets(selector, are_global=False) - inside:
            return True
        return bool(_sets(selector, are_global=True) - self._ours(selector) - self._declared())

    def _ours(self, selector: Selector) -> PodSet:
        """Sets with the label of one of ours that the selector finds."""
        found = (each.labels for each in self.world.groups if selector.holds(each.labels))
        names = {name for each in found if (name := each.known.get(OWN_SET))}
        return PodSet.label(OWN_SET, TextSet.of(names))

    def _declared(self) -> PodSet:
        if not self.declared:
            return PodSet.nothing()
        found = PodSet.everything()
        for key, value in self.declared.items():
            found &= PodSet.label(key, TextSet.of({value}))
        return found


def foreign_selectors(worlds: Iterable[PolicyState], cluster: ClusterState) -> frozenset[int]:
    """Selectors of destinations, by what object each is, that may find a set which is not given.

    One that does not select just any pod, and selects some that are given, is about those.
    """
    given = [pod_labels(each, cluster, known_account=True) for each in (*cluster.pods, COREDNS)]
    anybody = pod_labels(Pod(namespace="", name=""), cluster, known_account=True)
    found: set[int] = set()
    for world in worlds:
        others = OthersSets(world=world, sources=Sources.of(None), declared={})
        for policy, selector in _of_destinations(world):
            about_pods = not selector.holds(anybody) and any(map(selector.holds, given))
            if not about_pods and others.finds_others(selector, policy.namespace):
                found.add(id(selector))
    return frozenset(found)


def _of_destinations(world: PolicyState) -> Iterator[tuple[CalicoPolicy, Selector]]:
    for tier in world.tiers:
        for policy in tier.policies:
            for each in policy.destination_selectors():
                yield policy, each


def _sets(selector: Selector, *, are_global: bool) -> PodSet:
    """What a selector finds of all sets that could be, by labels and namespace.

    A set has none of the labels that Calico gives to pods, and a global one none of a namespace's.
    """
    return combined(selector, partial(_of_term, are_global=are_global), are_global=are_global)


def _of_term(term: Term, *, are_global: bool) -> PodSet:
    of_pods = term.key in _OF_PODS or term.key.startswith(OF_SERVICE_ACCOUNT)
    of_namespace = term.key == NAMESPACE or term.key.startswith(OF_NAMESPACE)
    if of_pods or (of_namespace and are_global):
        return PodSet.nothing()
    return pod_set(term)
