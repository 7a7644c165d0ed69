"""Cilium's label selectors as sets of pods.

Parts that the API server would refuse require nothing here: their objects are reported as refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.engines.api.selector_sets import Demand, demands, single_values
from transire.flows.pod_set import PodSet
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Tree

NAMESPACE = "io.kubernetes.pod.namespace"
"""What Cilium calls the namespace of a pod."""
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
"""What Cilium puts before the labels of a pod's namespace."""
_ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
_CLUSTER = "io.cilium.k8s.policy.cluster"
_LABELS_SINCE = 16
"""The minor release of Cilium that let namespace labels reach out of a policy's namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedDemand(Demand):
    """One requirement on one label, whose `source` is `any` where the key names none."""

    source: str = "any"

    @property
    def is_namespace(self) -> bool:
        """Whether Cilium reads it as one on the namespace."""
        return self.key == NAMESPACE and self.is_of_pods

    @property
    def is_of_pods(self) -> bool:
        """Whether it is about labels that Kubernetes gives."""
        return self.source in {"any", "k8s"}


def cilium_demands(tree: Tree) -> tuple[SourcedDemand, ...]:
    """What a selector of Cilium requires, the source of each label apart from its key."""
    return tuple(_sourced(each) for each in demands(tree))


def _sourced(demand: Demand) -> SourcedDemand:
    source, colon, key = demand.key.partition(":")
    if demand.key.startswith("$"):
        source, key = "reserved", demand.key[1:]
    elif demand.key.startswith("reserved."):
        source, key = "reserved", demand.key.removeprefix("reserved.")
    elif not colon:
        source, key = "any", demand.key
    return SourcedDemand(
        key=key, operator=demand.operator, values=demand.values, source=source or "any"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Pods, and whether the selector could also select something that is no pod."""

    pods: PodSet
    others: bool = False
    implied: bool = False


def cilium_subject(tree: Tree, namespace: str) -> Chosen:
    """The pods that a policy is about.

    A namespaced policy replaces what `matchLabels` has for `k8s:io.kubernetes.pod.namespace` with
    its own namespace.
    """
    kept = tree
    if namespace:
        labels = inner(tree, "matchLabels").items()
        own = f"k8s:{NAMESPACE}"
        kept = {**tree, "matchLabels": {key: value for key, value in labels if key != own}}
    chosen = _pods(cilium_demands(kept))
    if not namespace:
        return chosen
    return Chosen(pods=chosen.pods & PodSet.in_namespace(namespace), others=chosen.others)


def cilium_peer(tree: Tree, namespace: str, minor: int) -> Chosen:
    """The pods that an item of `toEndpoints` means; without a namespace it is the policy's own."""
    wanted = cilium_demands(tree)
    chosen = _pods(wanted)
    if chosen.others or any(each.is_namespace for each in wanted):
        return chosen
    if minor >= _LABELS_SINCE and any(each.key.startswith(NAMESPACE_LABELS) for each in wanted):
        return chosen
    if not namespace:
        return chosen
    return Chosen(pods=chosen.pods & PodSet.in_namespace(namespace), implied=True)


def _pods(wanted: tuple[SourcedDemand, ...]) -> Chosen:
    found = PodSet.everything()
    for each in wanted:
        if not each.is_of_pods or each.key == _CLUSTER:
            return Chosen(pods=PodSet.nothing(), others=True)
        found &= _one(each)
    return Chosen(pods=found)


def _one(demand: Demand) -> PodSet:
    if demand.key == NAMESPACE:
        return PodSet.namespace(demand.texts)
    if demand.key == _ACCOUNT:
        return PodSet.account(demand.texts)
    if demand.key.startswith(NAMESPACE_LABELS) and demand.key != NAMESPACE_LABELS:
        return PodSet.namespace_label(demand.key.removeprefix(NAMESPACE_LABELS), demand.texts)
    return PodSet.label(demand.key, demand.texts) if demand.key else PodSet.everything()


def pins_of(wanted: Iterable[SourcedDemand]) -> dict[str, str]:
    """The labels of pods for which only one value will do."""
    return single_values(
        each
        for each in wanted
        if each.is_of_pods and not each.key.startswith(("io.cilium.", NAMESPACE))
    )
