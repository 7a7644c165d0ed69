"""Flows of one namespace: with its name in each of them, without, and as products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.products import Product, joined, union
from transire.flows.source_pods import Sources
from transire.model.problems import Unjudgeable


class _Readable(Protocol):
    def flows(self, source: PodSet | Sources | None = None) -> FlowSet: ...
    def products(self, source: PodSet | Sources | None = None) -> Sequence[Product] | None: ...


def same_without_the_name(reading: _Readable, namespace: str) -> None:
    """The flows of a namespace's pods are the same, whether each of them names it or not."""
    pods = PodSet.in_namespace(namespace)
    named, without = _flows(reading, pods), _flows(reading, Sources(namespace=namespace))

    assert named == (without if isinstance(without, str) else without.restrict(source=pods))


def same_as_products(reading: _Readable, namespace: str) -> bool:
    """Whether the flows of a namespace's pods are products; then these have no others.

    What is not judged as one is not judged as the other, but for sets that are too large.
    """
    sources = Sources(namespace=namespace)
    found = _flows(reading, sources)
    try:
        products = reading.products(sources)
    except Unjudgeable as error:
        why = str(error)
    else:
        why = ""
    assert not why or why == found
    if why or products is None:
        return False
    few = joined(products)

    assert union(products) == found
    assert few is None or union(few) == union(products)
    return True


def _flows(reading: _Readable, source: PodSet | Sources) -> FlowSet | str:
    """The flows, or why they are not judged."""
    try:
        return reading.flows(source)
    except Unjudgeable as error:
        return str(error)
