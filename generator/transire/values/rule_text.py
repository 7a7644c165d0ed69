"""Rules as a values file writes them, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from transire.model.destinations import AddressRange, Destination, Entity, Host, Labels, Pods
from transire.model.intent import Rule
from transire.model.pod_selector import EVERY_POD, LabelCondition, PodSelector
from transire.values.addition import scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, and the rule and the destination that it is about."""

    text: str
    rule: str = ""
    destination: Destination | None = None


def rule_lines(rule: Rule, indent: str = "  ") -> Iterator[Line]:
    """The rule as an entry of a list, its destinations on lines of their own."""
    inner = f"{indent}  "

    def line(text: str, destination: Destination | None = None) -> Line:
        return Line(text=text, rule=rule.name, destination=destination)

    yield line(f"{indent}- name: {quoted(rule.name)}")
    yield line(f"{inner}reason: {quoted(rule.reason)}")
    yield from (line(f"{inner}{each}") for each in _sources(rule.sources))
    yield line(f"{inner}to:")
    for each in rule.destinations:
        yield line(f"{inner}  - {destination_text(each)}", each)
    yield line(f"{inner}ports: [{', '.join(map(str, rule.ports))}]")
    if rule.namespaces is not None:
        yield line(f"{inner}namespaces: [{', '.join(map(quoted, sorted(rule.namespaces)))}]")
    if rule.clusters is not None:
        yield line(f"{inner}clusters: [{', '.join(map(quoted, sorted(rule.clusters)))}]")


def destination_text(each: Destination) -> str:
    """A destination without ports of its own, in one line."""
    match each:
        case Host(pattern=pattern):
            return quoted(pattern.shown)
        case AddressRange(cidr=cidr):
            text = str(cidr)
            return f"{{cidr: {text if cidr.version == 4 else quoted(text)}}}"  # noqa: PLR2004
        case Entity(kind=kind):
            return f"{{entity: {kind.value}}}"
        case Pods():
            return f"{{{', '.join(_pods(each))}}}"


def _pods(each: Pods) -> Iterator[str]:
    if each.namespace:
        yield f"namespace: {quoted(each.namespace)}"
    else:
        yield f"namespaceLabels: {_map(each.namespace_labels)}"
    if each.cluster:
        yield f"cluster: {quoted(each.cluster)}"
    if each.labels:
        yield f"pods: {_map(each.labels)}"


def _sources(sources: Sequence[PodSelector]) -> Iterator[str]:
    if tuple(sources) == EVERY_POD:
        return
    if len(sources) == 1 and sources[0].is_plain:
        yield f"from: {_map(sources[0].labels)}"
        return
    yield "from:"
    yield from (f"  - {{{', '.join(_selector(each))}}}" for each in sources)


def _selector(each: PodSelector) -> Iterator[str]:
    if each.labels:
        yield f"labels: {_map(each.labels)}"
    if each.expressions:
        yield f"matchExpressions: [{', '.join(map(_condition, each.expressions))}]"
    if each.service_account:
        yield f"serviceAccount: {quoted(each.service_account)}"


def _condition(each: LabelCondition) -> str:
    values = f", values: {_list(each.values)}" if each.values else ""
    return f"{{key: {quoted(each.key)}, operator: {each.operator.value}{values}}}"


def _map(labels: Labels) -> str:
    return f"{{{', '.join(f'{quoted(key)}: {quoted(value)}' for key, value in labels)}}}"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, values))}]"


@lru_cache(maxsize=4096)
def quoted(text: str) -> str:
    """The text as a YAML scalar that every reader takes for it."""
    return scalar(text) if text else '""'
