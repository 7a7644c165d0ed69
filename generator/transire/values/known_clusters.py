"""Names of clusters, held against those that there are."""

from __future__ import annotations

from transire.values.guardrails.fixed import unknown_cluster
from transire.values.mapping_reader import Make
from transire.values.problem_collector import ProblemCollector
from transire.values.scalars import name
from transire.yamlio import Node


def known_cluster(clusters: frozenset[str] | None) -> Make[str]:
    """Makes the name of one of these clusters; of any where a broken file hides them."""

    def make(node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        unknown_cluster.check(called, clusters, node.at, collector)
        return called

    return make
