"""Calico's selectors as exact sets.

A pod here carries no label of its own whose key begins with `pcns.` or `pcsa.`; Calico would take
such a label for one of the pod's namespace or service account.
"""

from __future__ import annotations

from functools import lru_cache

from transire.engines.calico.objects.selector import (
    NAME,
    NAMESPACE,
    OF_NAMESPACE,
    OF_SERVICE_ACCOUNT,
    ORCHESTRATOR,
    SERVICE_ACCOUNT,
    AllOf,
    AnyOf,
    Everything,
    Global,
    Has,
    HasPart,
    Not,
    OneOf,
    Part,
    Selector,
)
from transire.flows.pod_set import PodSet
from transire.flows.text_set import TextSet


@lru_cache(maxsize=512)
def pod_set(selector: Selector) -> PodSet:
    """The pods that a selector selects, of all that could exist."""
    match selector:
        case Everything() | Global():
            return PodSet.everything()
        case Has(key):
            return _labelled(key, TextSet.present())
        case OneOf(key, values):
            return _labelled(key, TextSet.of(values))
        case HasPart(key, part, text):
            return _labelled(key, _PARTS[part](text))
        case Not(inner):
            return ~pod_set(inner)
        case AllOf(parts):
            found = PodSet.everything()
            for each in parts:
                found &= pod_set(each)
            return found
        case AnyOf(parts):
            return PodSet.union(pod_set(each) for each in parts)


_PARTS = {
    Part.CONTAINS: TextSet.containing,
    Part.STARTS: TextSet.starting,
    Part.ENDS: TextSet.ending,
}


def _labelled(key: str, values: TextSet) -> PodSet:
    """The pods whose label `key`, as Calico sees it, is one of the values."""
    if key in {NAMESPACE, OF_NAMESPACE + NAME}:
        return PodSet.namespace(values)
    if key in {SERVICE_ACCOUNT, OF_SERVICE_ACCOUNT + NAME}:
        return PodSet.account(values)
    if key == ORCHESTRATOR:
        return PodSet.everything() if "k8s" in values else PodSet.nothing()
    if key.startswith(OF_NAMESPACE):
        return PodSet.namespace_label(key.removeprefix(OF_NAMESPACE), values)
    if key.startswith(OF_SERVICE_ACCOUNT):
        return PodSet.account_label(key.removeprefix(OF_SERVICE_ACCOUNT), values)
    return PodSet.label(key, values)
