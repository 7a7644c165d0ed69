"""Which pods of its namespace a rule is for: labels, conditions on labels, a service account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from transire.model.problems import Position


class Operator(StrEnum):
    """What a condition demands of a label, as Kubernetes names it."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"

    @property
    def takes_values(self) -> bool:
        """Whether the operator compares with values; the others look at presence alone."""
        return self in {Operator.IN, Operator.NOT_IN}

    @property
    def takes_absence(self) -> bool:
        """Whether a pod without the label meets the condition."""
        return self in {Operator.NOT_IN, Operator.DOES_NOT_EXIST}


_NEGATED = {
    Operator.IN: Operator.NOT_IN,
    Operator.NOT_IN: Operator.IN,
    Operator.EXISTS: Operator.DOES_NOT_EXIST,
    Operator.DOES_NOT_EXIST: Operator.EXISTS,
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LabelCondition:
    """One entry of `matchExpressions`; values are sorted, and empty where none are taken."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def meets(self, labels: Mapping[str, str]) -> bool:
        """Whether a pod with these labels meets the condition."""
        value = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return value in self.values
            case Operator.NOT_IN:
                return value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.DOES_NOT_EXIST:
                return value is None

    def says(self, labels: Mapping[str, str]) -> bool:
        """Whether these plain labels hold the condition's own one value."""
        return self.operator is Operator.IN and self.values == (labels.get(self.key),)

    @property
    def negated(self) -> LabelCondition:
        """What a pod meets exactly if it does not meet this."""
        return LabelCondition(key=self.key, operator=_NEGATED[self.operator], values=self.values)

    def __str__(self) -> str:
        """As `kubectl --selector` spells it."""
        match self.operator:
            case Operator.IN:
                return f"{self.key} in ({','.join(self.values)})"
            case Operator.NOT_IN:
                return f"{self.key} notin ({','.join(self.values)})"
            case Operator.EXISTS:
                return self.key
            case Operator.DOES_NOT_EXIST:
                return f"!{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PodSelector:
    """Pods that have all of this; one without any condition selects every pod.

    Labels are sorted pairs. `service_account` is a name, or empty where any will do.
    """

    labels: tuple[tuple[str, str], ...] = ()
    expressions: tuple[LabelCondition, ...] = ()
    service_account: str = ""
    at: Position = field(default=Position(path=""), compare=False, repr=False)

    def __bool__(self) -> bool:
        """Whether it leaves any pod out."""
        return bool(self.labels or self.expressions or self.service_account)

    def conditions(self) -> Iterator[LabelCondition]:
        """Every condition on a label, those of the plain labels first."""
        for key, value in self.labels:
            yield LabelCondition(key=key, operator=Operator.IN, values=(value,))
        yield from self.expressions

    @property
    def is_plain(self) -> bool:
        """Whether it is labels and nothing else."""
        return not self.expressions and not self.service_account

    def selects(self, labels: Mapping[str, str], service_account: str) -> bool:
        """Whether a pod with these labels and this service account is selected."""
        return self.service_account in {"", service_account} and all(
            each.meets(labels) for each in self.conditions()
        )

    def joined(self, other: PodSelector) -> PodSelector:
        """The pods that both select; of one account, since a pod has no two."""
        account = self.service_account or other.service_account
        if other.service_account not in {"", account}:
            return self
        mine = dict(self.labels)
        more = [each for each in other.conditions() if not each.says(mine)]
        return PodSelector(
            labels=self.labels,
            expressions=tuple(sorted({*self.expressions, *more})),
            service_account=account,
        )

    def without(self, other: PodSelector) -> tuple[PodSelector, ...]:
        """The pods that this selects and the other does not, as alternatives.

        Nothing where the other goes by account, which no condition can leave out.
        """
        if other.service_account:
            return ()
        mine = dict(self.labels)
        return tuple(
            replace(self, expressions=tuple(sorted({*self.expressions, each.negated})))
            for each in other.conditions()
            if not each.says(mine) and each not in self.expressions
        )

    def may_meet(self, other: PodSelector) -> bool:
        """Whether a pod could be selected by both, as far as plain labels and accounts show it."""
        if self.service_account and other.service_account not in {"", self.service_account}:
            return False
        mine, theirs = dict(self.labels), dict(other.labels)
        pinned = {**theirs, **mine}
        alike = all(mine.get(key, value) == value for key, value in theirs.items())
        return alike and all(
            each.meets(pinned)
            for each in (*self.expressions, *other.expressions)
            if each.key in pinned
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Each condition by itself, such as `app=web` and `service account billing`."""
        account = (f"service account {self.service_account}",) if self.service_account else ()
        labels = (f"{key}={value}" for key, value in self.labels)
        return (*labels, *map(str, self.expressions), *account)

    def __str__(self) -> str:
        """Such as `app=web,tier in (a,b)@billing`, empty for every pod; no two are alike."""
        written = [f"{key}={value}" for key, value in self.labels]
        written += map(str, self.expressions)
        account = f"@{self.service_account}" if self.service_account else ""
        return ",".join(written) + account


EVERY_POD = (PodSelector(),)
"""The sources of a rule that leaves no pod of its namespace out."""


def sources_tree(sources: Sequence[PodSelector]) -> Mapping[str, str] | list[Mapping[str, Any]]:
    """What `from` holds in a values file; an empty map for every pod."""
    if len(sources) == 1 and sources[0].is_plain:
        return dict(sources[0].labels)
    return [_selector_tree(each) for each in sources]


def _selector_tree(selector: PodSelector) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "labels": dict(selector.labels),
        "matchExpressions": [
            {"key": each.key, "operator": each.operator.value}
            | ({"values": list(each.values)} if each.values else {})
            for each in selector.expressions
        ],
        "serviceAccount": selector.service_account,
    }
    return {key: value for key, value in found.items() if value}


def written_sources(sources: Sequence[PodSelector]) -> str:
    """What selects the pods, such as `app=web or @billing`; empty for every pod."""
    return " or ".join(map(str, sources))
