"""Kubernetes label selectors: what they select one by one, and as exact sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from transire.flows.pod_set import PodSet
from transire.flows.text_set import TextSet
from transire.k8s.json_pointer import inner, maps, text, texts
from transire.k8s.metadata_rules import label_fault
from transire.k8s.schema_check import Many, Table, Text, some_fields, struct_of
from transire.k8s.typed_decoding import pointer
from transire.model.names import is_label_key, is_label_value

_EXPRESSION = some_fields("key", "operator", key=Text(), operator=Text(), values=Many(item=Text()))
SELECTOR_SCHEMA = some_fields(
    matchLabels=Table(value=Text()), matchExpressions=Many(item=_EXPRESSION)
)
"""The schema of a selector in a custom resource definition, which does not check its meaning."""
SELECTOR = struct_of(SELECTOR_SCHEMA)
"""The shape of a selector in typed decoding."""


class Operator(StrEnum):
    """What a requirement demands of a label; NotIn and DoesNotExist take an absent one."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"

    def takes(self, values: Collection[str], seen: str | None) -> bool:
        """Whether a label with this value, or an absent one, meets the demand."""
        match self:
            case Operator.IN:
                return seen in values
            case Operator.NOT_IN:
                return seen not in values
            case Operator.EXISTS:
                return seen is not None
            case Operator.DOES_NOT_EXIST:
                return seen is None

    def texts(self, values: Collection[str]) -> TextSet:
        """The values that `takes` takes, absence included, as a set."""
        match self:
            case Operator.IN:
                return TextSet.of(values)
            case Operator.NOT_IN:
                return ~TextSet.of(values)
            case Operator.EXISTS:
                return TextSet.present()
            case Operator.DOES_NOT_EXIST:
                return TextSet.absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One demand on one label."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels meets it."""
        return self.operator.takes(self.values, labels.get(self.key))

    @property
    def texts(self) -> TextSet:
        """The values of the label that meet it, absence included."""
        return self.operator.texts(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelector:
    """All of these demands together; without any it selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        return all(each.holds(labels) for each in self.requirements)

    def pods(self) -> PodSet:
        """The pods whose own labels are selected, of any namespace."""
        found = PodSet.everything()
        for each in self.requirements:
            found &= PodSet.label(each.key, each.texts)
        return found

    def pods_of_namespaces(self) -> PodSet:
        """The pods of the namespaces whose labels are selected."""
        found = PodSet.everything()
        for each in self.requirements:
            found &= PodSet.namespace_label(each.key, each.texts)
        return found

    def pinned(self) -> dict[str, str]:
        """The labels of which only one value will do."""
        return {
            each.key: next(iter(each.values))
            for each in self.requirements
            if each.operator is Operator.IN and len(each.values) == 1
        }

    def listed_values(self) -> frozenset[str]:
        """Every value that an In demand lists."""
        return frozenset[str]().union(
            *(each.values for each in self.requirements if each.operator is Operator.IN)
        )


def selector_fault(tree: Mapping[str, Any], at: str) -> str:
    """What the API server refuses in a decoded selector, or the empty string.

    Source: `ValidateLabelSelector` of apimachinery.
    """
    for key, value in tree.get("matchLabels", {}).items():
        fault = label_fault(key, value)
        if fault:
            return f"{at}{pointer('matchLabels', key)} {fault}"
    for place, each in enumerate(tree.get("matchExpressions", ())):
        fault = _expression_fault(each)
        if fault:
            return f"{at}/matchExpressions/{place}{fault}"
    return ""


def _expression_fault(tree: Mapping[str, Any]) -> str:
    key, operator = tree.get("key", ""), tree.get("operator", "")
    values: list[str] = tree.get("values", [])
    if operator not in set(Operator):
        return f"/operator {operator!r} is none of In, NotIn, Exists and DoesNotExist"
    if not is_label_key(key):
        return f"/key {key[:80]!r} is not a valid label key"
    if operator in {Operator.IN, Operator.NOT_IN} and not values:
        return f"/values are missing, which {operator} needs"
    if operator in {Operator.EXISTS, Operator.DOES_NOT_EXIST} and values:
        return f"/values are given, which {operator} does not take"
    for place, value in enumerate(values):
        if not is_label_value(value):
            return f"/values/{place} {value[:80]!r} is not a valid label value"
    return ""


def read_selector(tree: Mapping[str, Any]) -> LabelSelector:
    """The selector that a decoded tree without fault means."""
    wanted = [
        Requirement(key=key, operator=Operator.IN, values=frozenset({value}))
        for key, value in tree.get("matchLabels", {}).items()
    ]
    wanted += [
        Requirement(
            key=each["key"],
            operator=Operator(each["operator"]),
            values=frozenset(each.get("values", ())),
        )
        for each in tree.get("matchExpressions", ())
    ]
    return LabelSelector(requirements=tuple(wanted))


def well_formed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a tree that `read_selector` can read, whatever else is in it.

    For those who look at objects that the API server may refuse, never for those who judge.
    """
    expressions = [
        {
            "key": text(each, "key"),
            "operator": text(each, "operator"),
            "values": [value for _, value in texts(each, "values", "")],
        }
        for _, each in maps(tree, "matchExpressions", "")
    ]
    return {
        "matchLabels": {
            key: value
            for key, value in inner(tree, "matchLabels").items()
            if key and isinstance(value, str)
        },
        "matchExpressions": [
            each for each in expressions if each["key"] and each["operator"] in set(Operator)
        ],
    }
