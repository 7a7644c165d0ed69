"""Which namespaces policies are for, as far as their labels are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.engines.api.allowances import NAMESPACE_NAME, Allowance, SelectedPods, Subject
from transire.flows.pod_set import PodSet
from transire.flows.text_set import TextSet
from transire.model.pod_selector import EVERY_POD, LabelCondition, Operator, PodSelector

_BY_NAME = frozenset({NAMESPACE_NAME})
"""Labels whose value is the name of the namespace, which nobody can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A namespace; `labels` is None where nobody gave them."""

    name: str
    labels: Mapping[str, str] | None = None

    def meets(self, conditions: Iterable[LabelCondition]) -> bool | None:
        """Whether it meets all conditions; None where labels decide that nobody gave."""
        found: bool | None = True
        for each in conditions:
            known = each.key in _BY_NAME or self.labels is not None
            if not known:
                found = None if found else found
            elif not each.meets({**(self.labels or {}), **dict.fromkeys(_BY_NAME, self.name)}):
                return False
        return found

    def pods(self, keys: Iterable[str]) -> PodSet:
        """All of its pods, by those of its labels that the keys name."""
        found = PodSet.everything()
        if self.labels is None:
            return found
        for key in sorted(set(keys) - _BY_NAME):
            value = self.labels.get(key)
            texts = TextSet.absent() if value is None else TextSet.of([value])
            found &= PodSet.namespace_label(key, texts)
        return found

    def sources(self, subjects: Iterable[Subject]) -> tuple[tuple[PodSelector, ...], bool]:
        """The pods of it that any subject selects, and whether unknown labels decide about more."""
        chosen, open_ = list[PodSelector](), False
        for each in subjects:
            meets = self.meets(each.namespaces)
            if meets:
                chosen.append(each.pods)
            open_ = open_ or meets is None
        return widest(chosen), open_


def widest(chosen: Iterable[PodSelector]) -> tuple[PodSelector, ...]:
    """The selectors but those that demand all that another does, and more."""
    found = list(chosen)
    if not all(found):
        return EVERY_POD
    demands = {each: {*each.conditions(), each.service_account} - {""} for each in found}
    return tuple(
        sorted(
            each
            for each, mine in demands.items()
            if not any(other != each and theirs < mine for other, theirs in demands.items())
        )
    )


def namespace_keys(allowances: Iterable[Allowance]) -> frozenset[str]:
    """The labels of namespaces that any rule asks for."""
    return frozenset(each.key for each in _conditions(allowances))


def namespaces_named(allowances: Iterable[Allowance]) -> frozenset[str]:
    """The namespaces whose pods a rule is for by the name of the namespace."""
    return frozenset(
        value
        for allowance in allowances
        for subject in allowance.subjects
        for each in subject.namespaces
        if each.key in _BY_NAME and each.operator is Operator.IN
        for value in each.values
    )


def _conditions(allowances: Iterable[Allowance]) -> Iterator[LabelCondition]:
    for allowance in allowances:
        for subject in allowance.subjects:
            yield from subject.namespaces
        for each in allowance.reached:
            if isinstance(each.end, SelectedPods):
                yield from each.end.namespaces or ()
