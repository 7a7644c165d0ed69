"""Cilium's label selectors, and what the agent adds to them.

Source: `pkg/policy/api/selector.go`, `pkg/labels` and `pkg/k8s/apis/cilium.io/utils`. A key may
name the source of the label (`k8s:app`); without one any source does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from transire.engines.cilium.objects.identity import (
    ANY,
    CLUSTER,
    K8S,
    NAMESPACE,
    NAMESPACE_LABELS,
    RESERVED,
    Identity,
)
from transire.flows.text_set import TextSet
from transire.k8s.label_selector import LabelSelector, Operator, read_selector
from transire.k8s.typed_decoding import pointer
from transire.model.names import is_label_key, is_label_value

_SOURCE = re.compile(r"[A-Za-z0-9]+")
UNMODELLED_SOURCES = frozenset({"cidr", "cidrgroup", "fqdn", "node"})


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """One requirement on one label; `NotIn` and `DoesNotExist` hold where it is absent."""

    source: str
    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def holds(self, identity: Identity) -> bool:
        """Whether an identity meets it."""
        seen = None
        if self.source in {ANY, identity.source}:
            seen = identity.labels.get(self.key)
        return self.takes(seen)

    def takes(self, seen: str | None) -> bool:
        """Whether it holds where the label has this value, or none."""
        return self.operator.takes(self.values, seen)

    @property
    def texts(self) -> TextSet:
        """The values that `takes` takes, absence included, as a set."""
        return self.operator.texts(self.values)

    def names(self, key: str) -> bool:
        """Whether it is a demand on this Kubernetes label."""
        return self.key == key and self.source in {ANY, K8S}


@dataclass(frozen=True, slots=True)
class Labelled:
    """All demands together; without any it selects everything."""

    demands: tuple[Demand, ...]

    def selects(self, identity: Identity) -> bool:
        """Whether an identity is selected."""
        return all(each.holds(identity) for each in self.demands)


def is_label(source: str, key: str, value: str = "") -> Demand:
    """The demand that a label has a value."""
    return Demand(source, key, Operator.IN, (value,))


def source_and_key(text: str) -> tuple[str, str]:
    """The source and the name in a key as people write it: `k8s:app`, `app`, `reserved:host`."""
    if text.startswith("$"):
        return RESERVED, text[1:]
    source, colon, key = text.partition(":")
    if colon:
        return source or ANY, key
    if text.startswith(f"{RESERVED}."):
        return RESERVED, text.removeprefix(f"{RESERVED}.")
    return ANY, text


def demands_of(tree: Mapping[str, Any]) -> tuple[Demand, ...]:
    """The demands of a selector without fault."""
    return tuple(
        Demand(*source_and_key(each.key), each.operator, tuple(sorted(each.values)))
        for each in read_selector(tree).requirements
    )


def kubernetes_demands(selector: LabelSelector, before: str = "") -> tuple[Demand, ...]:
    """The demands on labels of Kubernetes, with `before` in front of every key."""
    return tuple(
        Demand(K8S, before + each.key, each.operator, tuple(sorted(each.values)))
        for each in selector.requirements
    )


def fault_of(tree: Mapping[str, Any], at: str, minor: int) -> str:
    """What an agent 1.`minor` refuses in a selector that the schema took, or the empty string."""
    for key in tree.get("matchLabels", {}):
        if not _is_key(key, minor):
            return f"{at}{pointer('matchLabels', key)} is not a valid label key"
    for place, each in enumerate(tree.get("matchExpressions", ())):
        fault = _expression_fault(each, minor)
        if fault:
            return f"{at}/matchExpressions/{place}{fault}"
    return ""


def _expression_fault(tree: Mapping[str, Any], minor: int) -> str:
    operator, values = tree["operator"], tree.get("values", ())
    if operator in {Operator.IN, Operator.NOT_IN} and not values:
        return f"/values are missing, which {operator} needs"
    if operator in {Operator.EXISTS, Operator.DOES_NOT_EXIST} and values:
        return f"/values are given, which {operator} does not take"
    if not _is_key(tree["key"], minor):
        return f"/key {tree['key'][:80]!r} is not a valid label key"
    for place, value in enumerate(values):
        if not is_label_value(value):
            return f"/values/{place} {value[:80]!r} is not a valid label value"
    return ""


def _is_key(text: str, minor: int) -> bool:
    """Whether the agent takes a key.

    Before 1.20 it joins source and key with a dot and checks both as one key of Kubernetes, since
    then it checks them apart (`IsValidCiliumLabelKey` in `pkg/labels/validation.go`).
    """
    if minor < 20:  # noqa: PLR2004 - 1.20
        source, key = source_and_key(text)
        return is_label_key(f"{source}.{key}")
    source, colon, key = text.rpartition(":")
    return is_label_key(key) and (not colon or _SOURCE.fullmatch(source) is not None)


def unmodelled_in(tree: Mapping[str, Any]) -> str:
    """Why it is not known what a selector selects, or the empty string."""
    labels = tree.get("matchLabels", {})
    keys = [*labels, *(each["key"] for each in tree.get("matchExpressions", ()))]
    for key in keys:
        if source_and_key(key)[0] in UNMODELLED_SOURCES:
            return f"selecting by {key!r} is not modelled"
    return spelled_twice(labels, source_and_key)


def spelled_twice(labels: Mapping[str, Any], meaning: Callable[[str], tuple[str, str]]) -> str:
    """Why it is not known which value of a label is demanded, or the empty string.

    The agent rewrites the keys of `matchLabels` in a map without order, so that of two spellings
    of one key either may be kept.
    """
    seen: dict[tuple[str, str], str] = {}
    for key, value in labels.items():
        other = seen.setdefault(meaning(key), key)
        if labels[other] != value:
            return f"{other!r} and {key!r} are one key, and which value the agent keeps is random"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a policy adds to its selectors: its namespace, and the cluster where that is on."""

    namespace: str
    """Empty for a cluster-wide policy."""
    cluster: str = ""
    """Empty where selectors reach into every cluster."""
    minor: int

    def subject(self, tree: Mapping[str, Any]) -> Labelled:
        """The pods that the policy selects.

        A namespaced policy replaces what `matchLabels` has for the namespace with its own; any
        other demand on it stays, and then nothing is selected.
        """
        own = (K8S, NAMESPACE)
        if not self.namespace:
            return Labelled(tuple(sorted(demands_of(tree))))
        labels = tree.get("matchLabels", {}).items()
        kept = {key: value for key, value in labels if source_and_key(key) != own}
        demands = demands_of({**tree, "matchLabels": kept})
        return Labelled(tuple(sorted((*demands, is_label(*own, self.namespace)))))

    def peer(self, tree: Mapping[str, Any], subject: Mapping[str, Any]) -> Labelled:
        """The endpoints that an item of `toEndpoints` means."""
        demands = demands_of(tree)
        if any(each.source == RESERVED for each in demands):
            return Labelled(tuple(sorted(demands)))
        if not any(each.names(NAMESPACE) for each in demands):
            demands += self._own_namespace(demands, subject)
        if self.cluster and not any(each.names(CLUSTER) for each in demands):
            demands += (is_label(K8S, CLUSTER, self.cluster),)
        return Labelled(tuple(sorted(demands)))

    def _own_namespace(
        self, demands: tuple[Demand, ...], subject: Mapping[str, Any]
    ) -> tuple[Demand, ...]:
        if not self.namespace:
            starting = any(
                each.source == RESERVED and each.key == "init" for each in demands_of(subject)
            )
            return () if starting else (Demand(K8S, NAMESPACE, Operator.EXISTS),)
        by_labels = self.minor >= 16 and any(  # noqa: PLR2004 - 1.16
            each.key.startswith(NAMESPACE_LABELS) and each.source in {ANY, K8S} for each in demands
        )
        return () if by_labels else (is_label(K8S, NAMESPACE, self.namespace),)
