"""Calico's selectors as exact sets.

A pod here carries no label of its own whose key begins with `pcns.` or `pcsa.`; Calico would take
such a label for one of the pod's namespace or service account.
"""

from __future__ import annotations

from collections.abc import Callable
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
    Selector,
    Term,
    ValuePart,
)
from transire.flows.pod_set import PodSet
from transire.flows.text_set import TextSet


@lru_cache(maxsize=512)
def pod_set(selector: Selector) -> PodSet:
    """The pods that a selector selects, of all that could exist."""
    return combined(selector, lambda term: _labelled(term.key, texts_of(term)))


def combined(
    selector: Selector, terms: Callable[[Term], PodSet], *, are_global: bool = True
) -> PodSet:
    """What a selector selects, where `terms` gives what each demand on one label selects.

    `are_global`: whether `global()` is true of it.
    """
    match selector:
        case Everything():
            return PodSet.everything()
        case Global():
            return PodSet.everything() if are_global else PodSet.nothing()
        case Not(inner):
            return ~combined(inner, terms, are_global=are_global)
        case AllOf(parts):
            found = PodSet.everything()
            for each in parts:
                found &= combined(each, terms, are_global=are_global)
            return found
        case AnyOf(parts):
            return PodSet.union(combined(each, terms, are_global=are_global) for each in parts)
        case term:
            return terms(term)


def texts_of(term: Term) -> TextSet:
    """The values of the label for which the term is true; it is false where that is absent."""
    match term:
        case Has():
            return TextSet.present()
        case OneOf(_, values):
            return TextSet.of(values)
        case HasPart(_, ValuePart.CONTAINS, text):
            return TextSet.containing(text)
        case HasPart(_, ValuePart.STARTS, text):
            return TextSet.starting(text)
        case HasPart(_, _, text):
            return TextSet.ending(text)


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
