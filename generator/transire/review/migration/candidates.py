"""From the parts of a rule to destinations of values, one namespace at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from transire.engines.api.allowances import (
    NAMESPACE_NAME,
    Addresses,
    Allowance,
    End,
    NamedHosts,
    PartOfCluster,
    SelectedPods,
)
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.k8s.manifests import ObjectRef
from transire.meaning.host_sets import host_set
from transire.model.destinations import (
    AddressRange,
    Destination,
    Entity,
    Host,
    Pods,
    shown_labels,
)
from transire.model.names import HostPattern, is_dns_label
from transire.model.net import Network, PortRange
from transire.model.pod_selector import LabelCondition, Operator, PodSelector
from transire.review.migration.places import Space

_MOST = 32
"""Destinations that one selector may come to."""

UNKNOWN_LABELS = (
    "it selects namespaces by labels, and those of namespace {} are not known; give its Namespace "
    "object too"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something of an object that is in no values: where, and why.

    `flows` are those that go with it, where they are known; None stands for some that are not.
    `namespace` is empty where it is about no namespace in particular.
    """

    object: ObjectRef
    pointer: str
    why: str
    what: str = ""
    """The destination that it is about, where it is about one."""
    namespace: str = ""
    flows: FlowSet | None = None
    example: Flow | None = None
    """What a rule would allow besides, where that is why."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What lists are sorted by, and what is the same is in them once."""
        return str(self.object), f"{self.pointer} {self.what}", self.why, self.namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One destination for some pods on some ports, and the rule of an object that has it."""

    object: ObjectRef
    manifest: int
    pointer: str
    rule: str
    sources: tuple[PodSelector, ...]
    destination: Destination
    ports: tuple[PortRange, ...]
    demands: str = ""
    without: tuple[Network, ...] = ()
    """Parts of a range that the rule leaves out."""
    every_port: bool = False
    """Whether the rule leaves ports and protocols open, of which values have but some."""

    def left_out(
        self, why: str, flows: FlowSet | None = None, example: Flow | None = None
    ) -> LeftOut:
        """The same as something that is in no values."""
        return LeftOut(
            object=self.object,
            pointer=self.pointer,
            why=why,
            what=shown(self.destination),
            flows=flows,
            example=example,
        )


def shown(destination: Destination) -> str:
    """A destination in a few words, as reports have it."""
    match destination:
        case Host(pattern=pattern):
            return pattern.shown
        case AddressRange(cidr=cidr):
            return str(cidr)
        case Entity(kind=kind):
            return kind.value
        case Pods(where=where, labels=labels):
            return f"{where}/{shown_labels(labels)}"


def candidates(allowance: Allowance, space: Space) -> Iterator[Candidate | LeftOut]:
    """What the rule comes to in a namespace; nothing where it is for no pod of it."""
    sources, open_ = space.sources(allowance.subjects)
    if open_:
        yield _left_out(allowance, allowance.pointer, UNKNOWN_LABELS.format(space.name))
    if not sources:
        return
    if allowance.takes:
        return
    for each in allowance.unwritten:
        yield _left_out(allowance, each.pointer, each.why)
    for reached in allowance.reached if allowance.ports else ():
        for found in _destinations(reached.end, space.name):
            if isinstance(found, str):
                yield _left_out(allowance, reached.pointer, found)
            else:
                yield Candidate(
                    object=allowance.object,
                    manifest=allowance.manifest,
                    pointer=reached.pointer,
                    rule=allowance.pointer,
                    sources=sources,
                    destination=found,
                    ports=allowance.ports,
                    demands=allowance.demands,
                    every_port=allowance.every_port,
                    without=reached.end.without if isinstance(reached.end, Addresses) else (),
                )


def placed(found: LeftOut, namespace: str) -> LeftOut:
    """The same, about a namespace."""
    return replace(found, namespace=namespace)


def _left_out(allowance: Allowance, pointer: str, why: str) -> LeftOut:
    return LeftOut(object=allowance.object, pointer=pointer, why=why)


def _destinations(end: End, namespace: str) -> Iterator[Destination | str]:
    match end:
        case NamedHosts():
            yield _host(end)
        case Addresses(cidr=cidr):
            yield AddressRange(cidr=cidr)
        case PartOfCluster(kind=kind):
            yield Entity(kind=kind)
        case SelectedPods():
            yield from _pods(end, namespace)


def _host(end: NamedHosts) -> Host | str:
    """The host that stands for the very same names."""
    fault = f"values have no pattern for the names of {end.text!r}"
    for text in (end.text, f"*{end.text}" if end.text.startswith("*.") else end.text):
        try:
            pattern = HostPattern.parse(text)
        except ValueError as error:
            fault = f"values do not take the host: {error}"
            continue
        if host_set(pattern) == end.names:
            return Host(pattern=pattern)
    return fault


def _pods(end: SelectedPods, namespace: str) -> Iterator[Pods | str]:
    if _has_no_namespace(end.namespaces or ()):
        return
    pods = _alternatives(end.pods)
    if isinstance(pods, str):
        yield f"values name the pods that are reached by labels, and no condition such as {pods}"
        return
    if end.namespaces is None:
        where = [{NAMESPACE_NAME: namespace}]
    else:
        found = _alternatives(_without_presence(end.namespaces))
        if isinstance(found, str):
            yield f"values name namespaces by name or labels, and by no condition such as {found}"
            return
        where = found
    if len(pods) * len(where) > _MOST:
        yield f"the selector comes to {len(pods) * len(where)} destinations"
        return
    for space, labels in product(where, pods):
        yield _of(dict(space), labels)


def _has_no_namespace(conditions: Iterable[LabelCondition]) -> bool:
    """Whether what is meant is in no namespace, which no pod is."""
    return any(
        each.key == NAMESPACE_NAME and each.operator is Operator.DOES_NOT_EXIST
        for each in conditions
    )


def _without_presence(conditions: Iterable[LabelCondition]) -> list[LabelCondition]:
    """The conditions but that a namespace has a name, which each has."""
    return [
        each
        for each in conditions
        if not (each.key == NAMESPACE_NAME and each.operator is Operator.EXISTS)
    ]


def _of(space: dict[str, str], labels: dict[str, str]) -> Pods | str:
    name = space.pop(NAMESPACE_NAME, "")
    chosen = tuple(sorted(labels.items()))
    if name and space:
        return "values name a namespace by its name or by its labels, and not by both"
    if not (name or space):
        which = f"with {shown_labels(chosen)} " if chosen else ""
        return f"values have no words for pods {which}of every namespace"
    if name and not is_dns_label(name):
        return f"{name!r} is no name of a namespace"
    return Pods(namespace=name, namespace_labels=tuple(sorted(space.items())), labels=chosen)


def _alternatives(conditions: Sequence[LabelCondition]) -> list[dict[str, str]] | str:
    """Every way to meet the conditions by labels with values, or one that has none."""
    found: list[dict[str, str]] = [{}]
    for each in conditions:
        if each.operator is not Operator.IN:
            return str(each)
        found = [
            {**one, each.key: value}
            for one in found
            for value in each.values
            if one.get(each.key, value) == value
        ]
        if len(found) > _MOST:
            return f"{each.key} in {len(each.values)} values"
    return found
