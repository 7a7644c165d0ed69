"""The exceptions file."""

from __future__ import annotations

from transire.model.destinations import Entity, EntityKind, Pods
from transire.model.pod_selector import EVERY_POD
from transire.model.waiver import (
    Approved,
    ClusterName,
    HostCount,
    OnPort,
    Reached,
    Subject,
    Waiver,
    Where,
)
from transire.values.doubts import Doubtful
from transire.values.ends import end
from transire.values.mapping_reader import Fields, each, entries
from transire.values.pod_sources import sources
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import (
    choice,
    cidr,
    filled_line,
    host,
    labels,
    name,
    name_key,
    port,
    text,
    whole,
)
from transire.yamlio import Document, Node, ScalarNode


def waivers(document: Document, collector: ProblemCollector) -> tuple[Waiver, ...]:
    """The exceptions in the file, sorted.

    Raises:
        Misfit: if the file holds no list of them.
    """
    fields = Fields.of(document.root, collector)
    return tuple(sorted(fields.need("exceptions", each(_waiver), ()), key=_order))


def _order(waiver: Waiver) -> tuple[object, ...]:
    held = tuple(map(str, waiver.approved))
    whose = waiver.rule, waiver.team, waiver.entry, waiver.until, waiver.approved_by
    return (*whose, held, waiver.places, waiver.sources)


def _waiver(node: Node, collector: ProblemCollector) -> Waiver:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    rule = fields.need("rule", text, "")
    owner = fields.get("team", name, "")
    entry = fields.need("entry", name, "")
    approved = fields.get("for", each(_approved), ())
    inside = fields.get("namespaces", _in_namespaces, ())
    whole_clusters = fields.get("clusters", each(_on_cluster), ())
    pods = fields.get("from", sources, EVERY_POD)
    approved_by = fields.need("approvedBy", filled_line, "")
    reason = fields.need("reason", filled_line, "")
    until = fields.need("until", end, None)
    if collector.misfits > misfits or until is None:
        collector.keep(_doubtful(fields))
        raise Misfit
    return Waiver(
        rule=rule,
        team=owner,
        entry=entry,
        approved_by=approved_by,
        reason=reason,
        until=until,
        approved=tuple(sorted(dict.fromkeys(approved), key=str)),
        places=tuple(sorted(dict.fromkeys((*inside, *whole_clusters)))),
        sources=pods,
        at=fields.at,
    )


def _in_namespaces(node: Node, collector: ProblemCollector) -> tuple[Where, ...]:
    """The places of a map of namespaces, each with its clusters."""
    found: list[Where] = []
    for entry in entries(node):
        with collector:
            namespace = name_key(entry.key, collector)
            clusters = each(_on_cluster)(entry.value, collector)
            found += (
                Where(namespace=namespace, cluster=one.cluster, at=one.at) for one in clusters
            )
    return tuple(found)


def _on_cluster(node: Node, collector: ProblemCollector) -> Where:
    return Where(namespace="", cluster=name(node, collector), at=node.at)


def _approved(node: Node, collector: ProblemCollector) -> Approved:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    found = _subject(fields)
    collector.stop_after(misfits)
    if found is None:
        raise Misfit
    return Approved(subject=found, at=fields.at)


def _subject(fields: Fields) -> Subject | None:
    if fields.entry("hosts"):
        return HostCount(fields.need("hosts", whole, 0))
    if fields.entry("cluster") and not (
        fields.entry("namespace") or fields.entry("namespaceLabels")
    ):
        return ClusterName(fields.need("cluster", name, ""))
    what, on = _reached(fields), fields.get("port", port, None)
    return what if what is None or on is None else OnPort(what, on)


def _reached(fields: Fields) -> Reached | None:
    if fields.entry("host"):
        return fields.need("host", host, None)
    if fields.entry("cidr"):
        return fields.need("cidr", cidr, None)
    if fields.entry("entity"):
        return Entity(kind=fields.need("entity", choice(EntityKind), EntityKind.NODES))
    if not (fields.entry("namespace") or fields.entry("namespaceLabels")):
        return None
    return Pods(
        namespace=fields.get("namespace", name, ""),
        namespace_labels=fields.get("namespaceLabels", labels, ()),
        labels=fields.get("pods", labels, ()),
        cluster=fields.get("cluster", name, ""),
    )


def _doubtful(fields: Fields) -> Doubtful:
    written = {
        key: entry.value.text if isinstance(entry.value, ScalarNode) else None
        for key, entry in fields.node.entries.items()
    }
    return Doubtful(
        rule=written.get("rule"), team=written.get("team", ""), entry=written.get("entry")
    )
