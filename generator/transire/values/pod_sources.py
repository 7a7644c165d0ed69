"""Which pods a rule is for: a map of labels, or a list of selectors that add up."""

from __future__ import annotations

from transire.meaning.source_pods import pods_of
from transire.model.intent import Labels
from transire.model.names import is_account_name
from transire.model.pod_selector import LabelCondition, Operator, PodSelector
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import MOST_LABELS, choice, label_key, label_value, labels, text
from transire.yamlio import Node, SequenceNode

MAX_ACCOUNT = 62
"""Calico gives no pod a label for a longer name; Cilium's selectors take one character more."""


def sources(node: Node, collector: ProblemCollector) -> tuple[PodSelector, ...]:
    """The selectors, sorted, each once; a map is one selector of plain labels.

    Raises:
        Misfit: for anything else, and for an empty list.
    """
    if not isinstance(node, SequenceNode):
        return (PodSelector(labels=labels(node, collector), at=node.at),)
    found = each(_selector)(node, collector)
    if not found:
        raise Misfit
    return tuple(sorted(dict.fromkeys(found)))


def _selector(node: Node, collector: ProblemCollector) -> PodSelector:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    written = fields.get("labels", labels, ())
    conditions = fields.get("matchExpressions", each(_condition), ())
    account = fields.get("serviceAccount", _account, "")
    collector.stop_after(misfits)
    selector = _canonical(written, conditions, account, fields)
    if not selector:
        raise Misfit
    _check(selector, collector)
    return selector


def _canonical(
    written: Labels, conditions: tuple[LabelCondition, ...], account: str, fields: Fields
) -> PodSelector:
    """`In` with one value is a label, so that equal meanings are equal values."""
    plain, rest = dict(written), set[LabelCondition]()
    for condition in conditions:
        key, values = condition.key, condition.values
        alone = values[0] if condition.operator is Operator.IN and len(values) == 1 else None
        if alone is None or plain.setdefault(key, alone) != alone:
            rest.add(condition)
    return PodSelector(
        labels=tuple(sorted(plain.items())),
        expressions=tuple(sorted(rest)),
        service_account=account,
        at=fields.at,
    )


def _check(selector: PodSelector, collector: ProblemCollector) -> None:
    count = len(selector.labels) + len(selector.expressions)
    if count > MOST_LABELS:
        raise collector.refuse(
            selector.at,
            "too-many-labels",
            f"the entry has {count} conditions on labels, and one has at most {MOST_LABELS}",
            "give the pods one label of their own, and select them by it",
        )
    if not pods_of((selector,)):
        raise collector.refuse(
            selector.at,
            "selects-no-pod",
            f"no pod can meet {shown(str(selector))}",
            "correct the conditions, which contradict each other",
        )


def _condition(node: Node, collector: ProblemCollector) -> LabelCondition:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    key = fields.need("key", label_key, "")
    operator = fields.need("operator", choice(Operator), Operator.EXISTS)
    values = fields.get("values", each(label_value), ())
    collector.stop_after(misfits)
    if operator.takes_values is not bool(values):
        raise Misfit
    return LabelCondition(key=key, operator=operator, values=tuple(sorted(set(values))))


def _account(node: Node, collector: ProblemCollector) -> str:
    written = text(node, collector)
    if len(written) > MAX_ACCOUNT:
        raise collector.refuse(
            node.at,
            "bad-name",
            f"{shown(written)} has {len(written)} characters, and engines select service accounts "
            f"of at most {MAX_ACCOUNT}",
            "give the pods a label of their own, and select them by it",
        )
    if not is_account_name(written):
        raise collector.refuse(
            node.at,
            "bad-name",
            f"{shown(written)} is not the name of a service account",
            "use lower-case letters, digits, inner hyphens and dots, without a namespace",
        )
    return written
