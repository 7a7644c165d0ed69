"""Known networks of the platform's file."""

from __future__ import annotations

from collections.abc import Mapping

from transire.model.intent import KnownNetwork
from transire.values.egress_rules import networks as ranges
from transire.values.guardrails.fixed import unknown_cluster
from transire.values.mapping_reader import Fields, Make, each, entries
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import line, name, name_key
from transire.yamlio import Entry, Node


def known_networks(clusters: frozenset[str] | None) -> Make[tuple[KnownNetwork, ...]]:
    """Makes the networks of a map, sorted by name; `clusters` holds those that there are."""

    def make(node: Node, collector: ProblemCollector) -> tuple[KnownNetwork, ...]:
        found = [network for network in _read(node, clusters, collector).values() if network]
        return tuple(sorted(found, key=lambda one: one.name))

    return make


def network_names(node: Node, silent: ProblemCollector) -> Mapping[str, KnownNetwork | None]:
    """The networks by name, None for one that cannot be used.

    Raises:
        Misfit: if the node is no map.
    """
    return _read(node, None, silent)


def _read(
    node: Node, clusters: frozenset[str] | None, collector: ProblemCollector
) -> dict[str, KnownNetwork | None]:
    found: dict[str, KnownNetwork | None] = {}
    for entry in entries(node):
        found[entry.key.text] = None
        with collector:
            found[entry.key.text] = _network(entry, clusters, collector)
    return found


def _network(
    entry: Entry, clusters: frozenset[str] | None, collector: ProblemCollector
) -> KnownNetwork:
    def cluster(node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        unknown_cluster.check(called, clusters, node.at, collector)
        return called

    misfits = collector.misfits
    with collector:
        name_key(entry.key, collector)
    fields = Fields.of(entry.value, collector)
    cidrs = fields.need("cidrs", ranges, ())
    on = fields.get("clusters", each(cluster), None)
    about = fields.get("about", line, "")
    collector.stop_after(misfits)
    if not cidrs or (on is not None and not on):
        raise Misfit
    return KnownNetwork(
        name=entry.key.text,
        cidrs=cidrs,
        clusters=None if on is None else frozenset(on),
        about=about,
        at=entry.key.at,
    )
