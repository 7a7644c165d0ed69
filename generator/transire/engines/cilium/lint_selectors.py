"""Cilium's label selectors as sets of pods, as lint compares them.

Parts that the API server would refuse demand nothing here: their objects are reported as refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.engines.cilium.objects.identity import ANY, CLUSTER, K8S, NAMESPACE
from transire.engines.cilium.objects.selectors import Demand, Scope, demands_of
from transire.engines.cilium.sets.selector_sets import pods_by_label
from transire.flows.pod_set import PodSet
from transire.k8s.label_selector import Operator, well_formed
from transire.k8s.manifests import Tree

_NO_PINS = ("io.cilium.", NAMESPACE)


def cilium_demands(tree: Tree) -> tuple[Demand, ...]:
    """What a selector of Cilium demands, the source of each label apart from its key."""
    return tuple(each for each in demands_of(well_formed(tree)) if each.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Pods, and whether the selector could also select something that is no pod."""

    pods: PodSet
    others: bool = False
    implied: bool = False
    """Whether the agent added the namespace of the policy."""


def cilium_subject(tree: Tree, namespace: str, minor: int) -> Chosen:
    """The pods that a policy is about."""
    return _pods(Scope(namespace=namespace, minor=minor).subject(well_formed(tree)).demands)


def cilium_peer(tree: Tree, namespace: str, minor: int) -> Chosen:
    """The pods that an item of `toEndpoints` means; without a namespace it is the policy's own."""
    written = demands_of(well_formed(tree))
    meant = Scope(namespace=namespace, minor=minor).peer(well_formed(tree), {}).demands
    implied = bool(namespace) and len(meant) > len(written)
    return _pods(meant, implied=implied)


def _pods(demands: tuple[Demand, ...], *, implied: bool = False) -> Chosen:
    found = PodSet.everything()
    for each in demands:
        if each.source not in {ANY, K8S} or each.key == CLUSTER:
            return Chosen(pods=PodSet.nothing(), others=True)
        if each.key:
            found &= pods_by_label(each)
    return Chosen(pods=found, implied=implied)


def pins_of(demands: Iterable[Demand]) -> dict[str, str]:
    """The labels of pods for which only one value will do."""
    return {
        each.key: each.values[0]
        for each in demands
        if each.operator is Operator.IN
        and len(each.values) == 1
        and each.source in {ANY, K8S}
        and not each.key.startswith(_NO_PINS)
    }
