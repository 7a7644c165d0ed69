"""Label selectors as sets of pods and namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.flows.pod_set import PodSet
from transire.flows.text_set import TextSet
from transire.k8s.json_pointer import inner, maps, text, texts
from transire.k8s.label_selector import LabelSelector, Operator, Requirement
from transire.k8s.manifests import Tree


def label_set(selector: LabelSelector) -> PodSet:
    """The pods that a selector over their own labels selects."""
    found = PodSet.everything()
    for each in selector.requirements:
        found &= PodSet.label(each.key, _values(each))
    return found


def namespace_set(selector: LabelSelector) -> PodSet:
    """The pods of the namespaces that a selector selects."""
    found = PodSet.everything()
    for each in selector.requirements:
        found &= PodSet.namespace_label(each.key, _values(each))
    return found


def _values(demand: Requirement) -> TextSet:
    match demand.operator:
        case Operator.IN:
            return TextSet.of(demand.values)
        case Operator.NOT_IN:
            return ~TextSet.of(demand.values)
        case Operator.EXISTS:
            return TextSet.present()
        case Operator.DOES_NOT_EXIST:
            return TextSet.absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One requirement on one label, its key as written."""

    key: str
    operator: Operator
    values: frozenset[str]

    @property
    def texts(self) -> TextSet:
        """The values that meet it, absence included."""
        match self.operator:
            case Operator.IN:
                return TextSet.of(self.values)
            case Operator.NOT_IN:
                return ~TextSet.of(self.values)
            case Operator.EXISTS:
                return TextSet.present()
            case Operator.DOES_NOT_EXIST:
                return TextSet.absent()


def demands(tree: Tree) -> Iterator[Demand]:
    """What a selector requires, its keys as written."""
    for key, value in inner(tree, "matchLabels").items():
        if key and isinstance(value, str):
            yield Demand(key=key, operator=Operator.IN, values=frozenset({value}))
    for _, each in maps(tree, "matchExpressions", ""):
        values = frozenset(value for _, value in texts(each, "values", ""))
        if text(each, "operator") in set(Operator) and text(each, "key"):
            yield Demand(key=each["key"], operator=Operator(each["operator"]), values=values)


def pods_with(tree: Tree) -> PodSet:
    """The pods whose own labels a selector of Kubernetes selects."""
    found = PodSet.everything()
    for each in demands(tree):
        found &= PodSet.label(each.key, each.texts)
    return found


def namespaces_with(tree: Mapping[str, object]) -> PodSet:
    """The pods of the namespaces that a selector of Kubernetes selects."""
    found = PodSet.everything()
    for each in demands(tree):
        found &= PodSet.namespace_label(each.key, each.texts)
    return found


def values_of(wanted: Iterable[Demand]) -> frozenset[str]:
    """The values that labels are to have."""
    return frozenset(
        value for each in wanted if each.operator is Operator.IN for value in each.values
    )


def single_values(wanted: Iterable[Demand]) -> dict[str, str]:
    """The labels for which only one value will do."""
    return {
        each.key: next(iter(each.values))
        for each in wanted
        if each.operator is Operator.IN and len(each.values) == 1
    }
