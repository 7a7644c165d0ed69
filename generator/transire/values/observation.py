"""The platform's sections about what is to be seen: `observe` and `monitoring`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transire.engines.registry import engine_of
from transire.model.intent import Cluster
from transire.model.observation import Monitoring, Observe, ProxyKind
from transire.values.ends import end
from transire.values.known_clusters import known_cluster
from transire.values.mapping_reader import Fields, Make, each, entries
from transire.values.problem_collector import ProblemCollector, shown
from transire.values.scalars import choice, filled_line, labels, name, scalar
from transire.yamlio import Entry, Node

_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%+-]+)*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def observe(known: frozenset[str] | None, clusters: Sequence[Cluster]) -> Make[Observe]:
    """Reads what flow logs are wanted of; `clusters` are those that could be read."""

    def make(node: Node, collector: ProblemCollector) -> Observe:
        fields = Fields.of(node, collector)
        return Observe(
            clusters=_clusters(fields, known),
            until=fields.get("until", end, None),
            agents=fields.get("agents", _agents(known, clusters), ()),
        )

    return make


def _clusters(fields: Fields, known: frozenset[str] | None) -> tuple[str, ...] | None:
    named = fields.get("clusters", each(known_cluster(known)), None)
    return None if named is None else tuple(sorted(set(named)))


def _agents(
    known: frozenset[str] | None, clusters: Sequence[Cluster]
) -> Make[tuple[tuple[str, str], ...]]:
    by_name = {one.name: one for one in clusters}

    def make(node: Node, collector: ProblemCollector) -> tuple[tuple[str, str], ...]:
        found = []
        for entry in entries(node):
            with collector:
                cluster = known_cluster(known)(entry.key, collector)
                found.append((cluster, _agent(entry, by_name.get(cluster), collector)))
        return tuple(sorted(found))

    return make


def _agent(entry: Entry, cluster: Cluster | None, collector: ProblemCollector) -> str:
    written = scalar(entry.value).text
    if cluster is None:
        return written
    agents = engine_of(cluster.release).observation.agents
    if not agents:
        raise collector.refuse(
            entry.key.at,
            "agent-of-engine",
            f"{cluster.release.engine} on {cluster.name} implements its policies itself",
            f"take {cluster.name} out of observe.agents",
        )
    if written not in agents:
        raise collector.refuse(
            entry.value.at,
            "agent-of-engine",
            f"{shown(written)} is nothing that is known to implement {cluster.release.engine}",
            f"write {' or '.join(agents)}, or leave it out",
        )
    return written


def monitoring(known: frozenset[str] | None) -> Make[Monitoring]:
    """Reads where alerts are wanted, and how they reach Prometheus."""

    def make(node: Node, collector: ProblemCollector) -> Monitoring:
        fields, usual = Fields.of(node, collector), Monitoring()
        proxies = fields.get("proxies", each(choice(ProxyKind)), ())
        return Monitoring(
            clusters=_clusters(fields, known),
            namespace=fields.get("namespace", name, usual.namespace),
            labels=fields.get("labels", labels, ()),
            cluster_label=fields.get("clusterLabel", _label, ""),
            runbooks=fields.get("runbooks", _url, ""),
            proxies=tuple(sorted(set(proxies))),
        )

    return make


def _label(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if _LABEL.fullmatch(written) and not written.startswith("__"):
        return written
    raise collector.refuse(
        node.at,
        "bad-text",
        f"{shown(written)} is not the name of a label in Prometheus",
        "write letters, digits and underscores, such as cluster",
    )


def _url(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if _URL.fullmatch(written):
        return written
    raise collector.refuse(
        node.at,
        "bad-text",
        f"{shown(written)} is not an address that pages of the documentation could be below",
        "write https://docs.example.com/transire, without a slash at the end",
    )
