"""Pods that stand for those that rules are for: labels and an account that meet a selector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.model.intent import Rule
from transire.model.pod_selector import Operator, PodSelector

DEFAULT_ACCOUNT = "default"
"""The service account of pods that name none."""

_ANY_VALUE = "probe"
"""What a label holds that only has to be there."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Wearer:
    """A pod by what policies see of it; labels are sorted pairs."""

    labels: tuple[tuple[str, str], ...] = ()
    account: str = DEFAULT_ACCOUNT

    def worn_for(self, rule: Rule) -> bool:
        """Whether the rule is for such a pod."""
        return any(each.selects(dict(self.labels), self.account) for each in rule.sources)

    def __str__(self) -> str:
        """Such as `app=web@billing`, and `no labels` for a pod without any."""
        labels = ",".join(f"{key}={value}" for key, value in self.labels) or "no labels"
        return labels if self.account == DEFAULT_ACCOUNT else f"{labels}@{self.account}"


def wearer(selector: PodSelector) -> Wearer | None:
    """A pod with as few labels as the selector takes; None where its conditions exclude another."""
    labels: dict[str, str] = {}
    for each in sorted(selector.conditions(), key=lambda each: len(each.values)):
        if each.operator is Operator.IN:
            labels.setdefault(each.key, each.values[0])
    for each in selector.conditions():
        if each.operator is Operator.EXISTS:
            labels.setdefault(each.key, _ANY_VALUE)
    account = selector.service_account or DEFAULT_ACCOUNT
    if not selector.selects(labels, account):
        return None
    return Wearer(labels=tuple(sorted(labels.items())), account=account)


def wearers(rules: Iterable[Rule]) -> tuple[tuple[Wearer, ...], tuple[PodSelector, ...]]:
    """A pod for each selector of the rules and one without labels, and selectors without a pod."""
    found, without = {Wearer()}, []
    for selector in sorted({each for rule in rules for each in rule.sources}):
        made = wearer(selector)
        if made is None:
            without.append(selector)
        else:
            found.add(made)
    return tuple(sorted(found)), tuple(without)
