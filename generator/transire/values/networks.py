"""Known networks of the platform's file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from transire.model.intent import KnownNetwork
from transire.values.egress_rules import networks as ranges
from transire.values.known_clusters import known_cluster
from transire.values.mapping_reader import Fields, Make, each, made_by_name
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import line, name_key
from transire.yamlio import Entry, Node


def known_networks(clusters: frozenset[str] | None) -> Make[tuple[KnownNetwork, ...]]:
    """Makes the networks of a map, sorted by name; `clusters` holds those that there are."""

    def make(node: Node, collector: ProblemCollector) -> tuple[KnownNetwork, ...]:
        made = made_by_name(node, partial(_network, clusters), collector).values()
        return tuple(sorted(filter(None, made), key=lambda one: one.name))

    return make


def network_names(node: Node, silent: ProblemCollector) -> Mapping[str, KnownNetwork | None]:
    """The networks by name, None for one that cannot be used.

    Raises:
        Misfit: if the node is no map.
    """
    return made_by_name(node, partial(_network, None), silent)


def _network(
    clusters: frozenset[str] | None, entry: Entry, collector: ProblemCollector
) -> KnownNetwork:
    misfits = collector.misfits
    with collector:
        name_key(entry.key, collector)
    fields = Fields.of(entry.value, collector)
    cidrs = fields.need("cidrs", ranges, ())
    on = fields.get("clusters", each(known_cluster(clusters)), None)
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
