"""Flows of one namespace, once with its name in each of them and once without."""

from __future__ import annotations

from typing import Protocol

from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.source_pods import Sources
from transire.model.problems import Unjudgeable


class _Readable(Protocol):
    def flows(self, source: PodSet | Sources | None = None) -> FlowSet: ...


def same_without_the_name(reading: _Readable, namespace: str) -> None:
    """The flows of a namespace's pods are the same, whether each of them names it or not."""
    pods = PodSet.in_namespace(namespace)
    named, without = _flows(reading, pods), _flows(reading, Sources(namespace=namespace))

    assert named == (without if isinstance(without, str) else without.restrict(source=pods))


def _flows(reading: _Readable, source: PodSet | Sources) -> FlowSet | str:
    """The flows, or why they are not judged."""
    try:
        return reading.flows(source)
    except Unjudgeable as error:
        return str(error)
