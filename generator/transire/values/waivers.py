"""The exceptions file."""

from __future__ import annotations

from transire.model.destinations import Entity, EntityKind, Pods
from transire.model.waiver import Approved, ClusterName, HostCount, Subject, Waiver
from transire.values.doubts import Doubtful
from transire.values.ends import end
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import choice, cidr, filled_line, host, labels, name, port, text, whole
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
    return waiver.rule, waiver.team, waiver.entry, waiver.until, waiver.approved_by, held


def _waiver(node: Node, collector: ProblemCollector) -> Waiver:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    rule = fields.need("rule", text, "")
    owner = fields.get("team", name, "")
    entry = fields.need("entry", name, "")
    approved = fields.get("for", each(_approved), ())
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
        at=fields.at,
    )


def _approved(node: Node, collector: ProblemCollector) -> Approved:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    found = _subject(fields)
    collector.stop_after(misfits)
    if found is None:
        raise Misfit
    return Approved(subject=found, at=fields.at)


def _subject(fields: Fields) -> Subject | None:
    if fields.entry("namespace"):
        chosen = fields.get("pods", labels, ())
        there = fields.get("cluster", name, "")
        return Pods(namespace=fields.need("namespace", name, ""), labels=chosen, cluster=there)
    if fields.entry("entity"):
        return Entity(kind=fields.need("entity", choice(EntityKind), EntityKind.NODES))
    if fields.entry("host"):
        return fields.need("host", host, None)
    if fields.entry("cidr"):
        return fields.need("cidr", cidr, None)
    if fields.entry("hosts"):
        return HostCount(fields.need("hosts", whole, 0))
    if fields.entry("cluster"):
        return ClusterName(fields.need("cluster", name, ""))
    return fields.need("port", port, None)


def _doubtful(fields: Fields) -> Doubtful:
    written = {
        key: entry.value.text if isinstance(entry.value, ScalarNode) else None
        for key, entry in fields.node.entries.items()
    }
    return Doubtful(
        rule=written.get("rule"), team=written.get("team", ""), entry=written.get("entry")
    )
