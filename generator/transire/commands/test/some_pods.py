"""A pod that a selector means, and pods next to it that it does not mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transire.meaning.source_pods import pods_of
from transire.model.pod_selector import Operator, PodSelector

_USUAL_ACCOUNT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class SomePod:
    """Labels, and a service account where one is named."""

    labels: Mapping[str, str]
    account: str = ""

    def text(self, namespace: str) -> str:
        """The pod in a namespace, in the notation of queries."""
        labels = ",".join(f"{key}={value}" for key, value in sorted(self.labels.items()))
        where = f"{namespace}/{labels}" if labels else namespace
        return f"{where}@{self.account}" if self.account else where


def pod_of(selector: PodSelector) -> SomePod:
    """A pod that the selector means, with no more labels than it takes.

    Raises:
        ValueError: if no pod is meant, which reading refuses.
    """
    labels = dict(selector.labels)
    for each in selector.expressions:
        if each.operator is Operator.IN:
            labels.setdefault(each.key, each.values[0])
        elif each.operator is Operator.EXISTS:
            labels.setdefault(each.key, "any")
    if selector.selects(labels, selector.service_account):
        return SomePod(labels=labels, account=selector.service_account)
    found = pods_of([selector]).witness()
    if found is None:
        raise ValueError(f"{selector} means no pod")
    return SomePod(labels=found.labels, account=selector.service_account)


def pods_beside(pod: SomePod, selectors: Sequence[PodSelector]) -> Iterator[SomePod]:
    """The pod without one of its labels, or without its account, where none of these means it."""
    nearby = [
        *(SomePod(labels=_without(pod.labels, key), account=pod.account) for key in pod.labels),
        SomePod(labels=pod.labels),
    ]
    for each in nearby:
        account = each.account or _USUAL_ACCOUNT
        if each != pod and not any(one.selects(each.labels, account) for one in selectors):
            yield each


def _without(labels: Mapping[str, str], key: str) -> Mapping[str, str]:
    return {name: value for name, value in labels.items() if name != key}
