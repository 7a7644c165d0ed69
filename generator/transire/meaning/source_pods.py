"""The pods that a rule of the values is for, as an exact set."""

from __future__ import annotations

from collections.abc import Iterable

from transire.flows.pod_set import PodSet
from transire.flows.text_set import TextSet
from transire.model.pod_selector import LabelCondition, Operator, PodSelector


def pods_of(sources: Iterable[PodSelector]) -> PodSet:
    """The pods that any of the selectors selects, of whatever namespace."""
    return PodSet.union(_selected(each) for each in sources)


def _selected(selector: PodSelector) -> PodSet:
    found = PodSet.labels(dict(selector.labels))
    for each in selector.expressions:
        found &= PodSet.label(each.key, _values(each))
    if selector.service_account:
        found &= PodSet.account(TextSet.of([selector.service_account]))
    return found


def _values(condition: LabelCondition) -> TextSet:
    match condition.operator:
        case Operator.IN:
            return TextSet.of(condition.values)
        case Operator.NOT_IN:
            return ~TextSet.of(condition.values)
        case Operator.EXISTS:
            return TextSet.present()
        case Operator.DOES_NOT_EXIST:
            return TextSet.absent()
