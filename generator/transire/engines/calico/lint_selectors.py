"""Calico's selectors for lint, beside the pods that they select."""

from __future__ import annotations

from transire.engines.api.policy_shape import MOST_PARTS
from transire.engines.calico.objects.selector import (
    AllOf,
    AnyOf,
    HasPart,
    Not,
    OneOf,
    Selector,
    Term,
)
from transire.engines.calico.objects.selector_grammar import IntricateSelectorError
from transire.engines.calico.sets.pod_sets import combined, texts_of
from transire.flows.pod_set import PodSet
from transire.model.names import is_label_value


def pins_of(selector: Selector) -> dict[str, str]:
    """The labels of pods for which only one value will do."""
    parts = selector.parts if isinstance(selector, AllOf) else (selector,)
    return {
        each.key: next(iter(each.values))
        for each in parts
        if isinstance(each, OneOf) and len(each.values) == 1 and "/" not in each.key
    }


def parts_of(selector: Selector) -> int:
    """How often the selector looks at part of a label.

    Raises:
        IntricateSelectorError: if that is more than sets of pods can follow.
    """
    match selector:
        case HasPart():
            found = 1
        case Not(inside):
            found = parts_of(inside)
        case AllOf(parts) | AnyOf(parts):
            found = sum(parts_of(each) for each in parts)
        case _:
            found = 0
    if found > MOST_PARTS:
        raise IntricateSelectorError(f"it looks at parts of labels more than {MOST_PARTS} times")
    return found


def is_possible(selector: Selector) -> bool:
    """Whether anything, pod or set, could carry labels that the selector selects.

    A label's value has at most 63 characters, and only those that Kubernetes takes.
    """
    return bool(combined(selector, _labelled))


def _labelled(term: Term) -> PodSet:
    if isinstance(term, OneOf):
        term = OneOf(term.key, frozenset(filter(is_label_value, term.values)))
    return PodSet.label(term.key, texts_of(term))


def values_of(selector: Selector) -> frozenset[str]:
    """The values that labels are to have, the policy's own namespace among them."""
    match selector:
        case OneOf(_, values):
            return values
        case AllOf(parts) | AnyOf(parts):
            return frozenset(value for each in parts for value in values_of(each))
    return frozenset()
