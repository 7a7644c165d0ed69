"""Exact sets of pods, by what policies can distinguish: namespace, labels and service account.

A set ranges over every pod that could exist, so labels that no policy names need no care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from transire.flows.diagrams.axes import Axis
from transire.flows.diagrams.diagram import Diagram, Graft
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.paths import Path, paths
from transire.flows.diagrams.string_functions import FiniteMap
from transire.flows.diagrams.witness import Picks, picks
from transire.flows.exact_set import ExactSet, judged
from transire.flows.patterns.label_wording import shown
from transire.flows.text_set import TextSet

NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that every namespace carries with its own name (Kubernetes >= 1.22)."""


DEFAULT_ACCOUNT = "default"
"""The service account of a pod that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One concrete pod: what a selector can see of it."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    namespace_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    account: str = DEFAULT_ACCOUNT
    account_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def written_labels(labels: Mapping[str, str]) -> str:
    """Labels in the order of their keys, as queries spell them: `app=web,tier=front`."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


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
        found: Diagram = True
        for key in sorted(labels, reverse=True):
            found = Graft(found)(TextSet.of([labels[key]]).on(Axis.LABEL, key))
        return cls(diagram=found)

    @classmethod
    def account(cls, names: TextSet) -> Self:
        """Pods whose service account has one of these names; a pod always has one."""
        return cls(diagram=names.on_always_present(Axis.ACCOUNT))

    @classmethod
    def account_label(cls, key: str, values: TextSet) -> Self:
        """Pods whose service account's label `key` is one of `values`, absence included."""
        return cls(diagram=values.on(Axis.ACCOUNT_LABEL, key))

    def within(self, namespace: str) -> Self:
        """The pods of that namespace, as a set without a condition on namespaces' names."""
        diagram = self.diagram
        if isinstance(diagram, bool) or diagram.variable[0] != Axis.NAMESPACE:
            return self
        return type(self)(diagram=diagram.cells.at(namespace))  # type: ignore[arg-type]

    def witness(self) -> Workload | None:
        """One pod of the set, with no more than what matters; None where the set is empty."""
        found = judged(lambda: picks(self.diagram))
        return None if found is None else workload_of(found)

    def __str__(self) -> str:
        """Such as `app=checkout in team-a or any pod in team-b`."""
        found = judged(lambda: sorted(_alternative(path) for path in paths(self.diagram)))
        return " or ".join(found) or "no pod"

    def __contains__(self, pod: Workload) -> bool:
        at: Diagram = self.diagram
        point = (pod.namespace, pod.namespace_labels, pod.labels, pod.account, pod.account_labels)
        while not isinstance(at, bool):
            axis, key = at.variable
            seen = point[axis - Axis.NAMESPACE]
            at = at.cells.at(seen if isinstance(seen, str) else seen.get(key))  # type: ignore[arg-type]
        return at


def _alternative(path: Path) -> str:
    """One way to be in a set of pods, in words."""
    labels, where, place = [], [], ""
    for (axis, key), test in path:
        if isinstance(test, StepFunction):
            continue
        only = (
            sorted(value or "" for value in test.exceptions) if isinstance(test, FiniteMap) else []
        )
        if axis == Axis.LABEL:
            labels.append(shown(str(key), test))
        elif axis == Axis.NAMESPACE and len(only) == 1 and test.results == (False, True):
            place = f" in {only[0]}"
        else:
            where.append(shown(f"{_WORDS[axis]}{f'[{key}]' if key else ''}", test))
    conditions = f" where {' and '.join(where)}" if where else ""
    return f"{', '.join(labels) or 'any pod'}{place}{conditions}"


_WORDS: Final[Mapping[int, str]] = {
    Axis.NAMESPACE: "namespace",
    Axis.NAMESPACE_LABEL: "namespace",
    Axis.ACCOUNT: "account",
    Axis.ACCOUNT_LABEL: "account",
}


def workload_of(values: Picks, shift: int = 0) -> Workload:
    """The pod that the values of the source's axes, moved by `shift`, describe."""
    found: dict[int, dict[str, str]] = {}
    plain: dict[int, str] = {}
    for (axis, key), value in values.items():
        if isinstance(value, str) and isinstance(key, str):
            if key:
                found.setdefault(axis - shift, {})[key] = value
            else:
                plain[axis - shift] = value
    return Workload(
        namespace=plain.get(Axis.NAMESPACE, "default"),
        namespace_labels=found.get(Axis.NAMESPACE_LABEL, {}),
        labels=found.get(Axis.LABEL, {}),
        account=plain.get(Axis.ACCOUNT, DEFAULT_ACCOUNT),
        account_labels=found.get(Axis.ACCOUNT_LABEL, {}),
    )
