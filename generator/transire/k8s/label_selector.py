"""Kubernetes label selectors: matchLabels, In, NotIn, Exists, DoesNotExist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from transire.k8s.metadata_rules import label_fault
from transire.k8s.typed_decoding import ListOf, MapOf, Scalar, Struct, pointer
from transire.model.names import is_label_key, is_label_value

SELECTOR = Struct(
    {
        "matchLabels": MapOf(Scalar.TEXT),
        "matchExpressions": ListOf(
            Struct({"key": Scalar.TEXT, "operator": Scalar.TEXT, "values": ListOf(Scalar.TEXT)})
        ),
    }
)
"""The shape of a selector."""


class Operator(StrEnum):
    """What a requirement asks of a label."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One demand on one label; NotIn and DoesNotExist hold where the label is absent."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels meets it."""
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return self.key not in labels or labels[self.key] not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.DOES_NOT_EXIST:
                return self.key not in labels


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelector:
    """All of these demands together; without any it selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        return all(each.holds(labels) for each in self.requirements)


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
