"""Exact sets of pods, by what policies can tell apart: namespace, labels and service account.

A set speaks of every pod that could exist, so labels that no policy mentions need no care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from types import MappingProxyType
from transire.model.diagram import Diagram
from transire.model.exact import ExactSet
from transire.model.texts import TextSet
from transire.model.variables import Axis

NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that every namespace carries with its own name (Kubernetes >= 1.22)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One concrete pod: what a selector can see of it."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    namespace_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    account: str = "default"
    account_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class PodSet(ExactSet):
    """A set of pods; build it from single tests with `&`, `|` and `~`.

    The label `kubernetes.io/metadata.name` of a namespace is the namespace's name itself, so
    selectors that use either are equal.
    """

    __slots__ = ()

    @classmethod
    def namespace(cls, names: TextSet) -> Self:
        """Pods of the namespaces with these names; a pod always has one."""
        return cls(diagram=names.on_always_present(Axis.NAMESPACE))

    @classmethod
    def in_namespace(cls, name: str) -> Self:
        """Pods of one namespace."""
        return cls.namespace(TextSet.of([name]))

    @classmethod
    def namespace_label(cls, key: str, values: TextSet) -> Self:
        """Pods of namespaces whose label `key` is one of `values`, absence included."""
        if key == NAMESPACE_NAME_LABEL:
            return cls.namespace(values)
        return cls(diagram=values.on(Axis.NAMESPACE_LABEL, key))

    @classmethod
    def label(cls, key: str, values: TextSet) -> Self:
        """Pods whose label `key` is one of `values`, absence included."""
        return cls(diagram=values.on(Axis.LABEL, key))

    @classmethod
    def labels(cls, labels: Mapping[str, str]) -> Self:
        """Pods with all of these labels; all pods where there are none."""
        found = cls.everything()
        for key, value in labels.items():
            found &= cls.label(key, TextSet.of([value]))
        return found

    @classmethod
    def account(cls, names: TextSet) -> Self:
        """Pods whose service account has one of these names; a pod always has one."""
        return cls(diagram=names.on_always_present(Axis.ACCOUNT))

    @classmethod
    def account_label(cls, key: str, values: TextSet) -> Self:
        """Pods whose service account's label `key` is one of `values`, absence included."""
        return cls(diagram=values.on(Axis.ACCOUNT_LABEL, key))

    def __contains__(self, pod: Workload) -> bool:
        at: Diagram = self.diagram
        point = (pod.namespace, pod.namespace_labels, pod.labels, pod.account, pod.account_labels)
        while not isinstance(at, bool):
            axis, key = at.variable
            seen = point[axis - Axis.NAMESPACE]
            at = at.cells.at(seen if isinstance(seen, str) else seen.get(key))  # type: ignore[arg-type]
        return at
