"""Rules as the charts take them: names of objects, layers and their parts in one order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.builder import LoweredBuilder
from transire.meaning.target import Values
from transire.model.intent import Pods, Rule
from transire.model.names import MAX_LABEL, shorten
from transire.model.pod_selector import LabelCondition, PodSelector

Item = dict[str, object]
"""One item of a rule's `to`: one kind of destination with its ports."""

ORDER: Mapping[str, int] = {"dns": 100, "allow": 200, "in-cluster": 300}
"""The order of each layer inside our tier; every rule allows, so it only helps readers."""

_SHORTEST = 20
_OF_A_PART = re.compile(r"--p[01]+\Z|-audit--")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How the objects of a target or of half a baseline are called.

    Names are at most 63 characters where the prefix leaves room, shortened with a stable hash.
    """

    prefix: str
    set_prefix: str
    suffix: str = ""
    ordered: bool = False
    """Whether objects carry an order, as those in a tier do."""

    def object(self, stem: str) -> str:
        """The name of the policy that `stem` identifies, such as `allow-card-processing`.

        A stem that looks like a part of a list of namespaces, or like audit of one, gets a hash.
        """
        room = max(MAX_LABEL - len(self.prefix) - len(self.suffix), _SHORTEST)
        if _OF_A_PART.search(stem):
            stem = f"{stem}{'-' * room}"
        return self.prefix + shorten(stem, room) + self.suffix

    def set(self, rule: Rule) -> str:
        """The name of the rule's set, which is also a label value.

        One of several parts of a rule gets a hash of its ports.
        """
        ports = " ".join(map(str, rule.ports)).encode()
        part = f"-{sha256(ports).hexdigest()[:10]}" if rule.apart else ""
        name = shorten(self.set_prefix + rule.name, MAX_LABEL - len(part) - len(self.suffix))
        return name + part + self.suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRule:
    """One rule on its way to the chart; `rule` is what a person wrote, if anybody did.

    `parts` is what that comes to, by ports.
    """

    naming: Naming
    stem: str
    layer: str
    source: str
    selector: PodSelector
    to: Sequence[Item]
    rule: Rule | None = None
    parts: Sequence[Rule] = ()
    namespaces: Sequence[str] = ()
    """Of half a baseline, the namespaces that it is for; empty for all."""

    @property
    def name(self) -> str:
        """The object's name."""
        return self.naming.object(self.stem)

    def written(self) -> Values:
        """The rule as the chart's schema has it.

        Raises:
            ValueError: if `to` is empty, which in several engines would mean everywhere.
        """
        if not self.to:
            raise ValueError(f"rule {self.name!r} has no destination")
        order = {"order": ORDER[self.layer]} if self.naming.ordered else {}
        limit = {"namespaces": list(self.namespaces)} if self.namespaces else {}
        return {
            "name": self.name,
            "layer": self.layer,
            "source": self.source,
            **_source(self.selector),
            **order,
            **limit,
            "to": list(self.to),
        }


def _source(selector: PodSelector) -> Values:
    """The pods that the rule is for; only what is there beside labels has a key."""
    found: dict[str, object] = {"from": dict(selector.labels)}
    if selector.expressions:
        found["matchExpressions"] = [_expression(each) for each in selector.expressions]
    if selector.service_account:
        found["serviceAccount"] = selector.service_account
    return found


def _expression(condition: LabelCondition) -> Values:
    written: dict[str, object] = {"key": condition.key, "operator": condition.operator.value}
    if condition.operator.takes_values:
        written["values"] = list(condition.values)
    return written


def allow_stem(rule: Rule, selector: PodSelector) -> str:
    """What identifies the object of one of the rule's selectors; alone it is the rule's own.

    It follows from the selector itself, so that another beside it changes no name.
    """
    stem = f"allow-{rule.name}"
    if len(rule.sources) == 1:
        return stem
    return f"{stem}-{sha256(str(selector).encode()).hexdigest()[:8]}"


def refuse_shared_names(chart_rules: Iterable[ChartRule], builder: LoweredBuilder) -> None:
    """Refuse rules that would become one object, where even a hash does not make them differ."""
    seen: dict[str, ChartRule] = {}
    for each in chart_rules:
        before = seen.setdefault(each.name, each)
        if before is each or each.rule is None or before.rule is None:
            continue
        builder.refuse_rule(
            each.rule,
            each.rule.at,
            Refusal(
                id="shared-object-name",
                why=f"its object would be called {each.name}, as that of rule {before.rule.name!r}",
                remedy="rename one of the two rules",
            ),
        )


def pods_item(pods: Pods) -> Item:
    """Pods of one namespace or of some, as every engine's items hold them."""
    if pods.namespace_labels:
        return {
            "namespaceLabels": dict(pods.namespace_labels),
            "labels": dict(pods.labels),
        }
    return {"namespace": pods.namespace, "labels": dict(pods.labels)}


def any_pods() -> Item:
    """Pods of every namespace."""
    return {"anyNamespace": True, "labels": {}}
