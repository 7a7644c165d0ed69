"""A bundle's file, and the exceptions file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from transire.model.bundle_source import BundleSource
from transire.model.intent import AddressRange, Bundle, Destination, Host, Waiver
from transire.model.net import PortRange
from transire.values.doubts import Doubtful
from transire.values.egress_rules import canonical, destination, ports
from transire.values.ends import day, end
from transire.values.mapping_reader import Fields, Make, each
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import filled_line, name, text
from transire.values.team import check_file_name
from transire.yamlio import Document, Node, ScalarNode


def bundle(document: Document, collector: ProblemCollector) -> Bundle:
    """What the file holds.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(document.root, collector)
    called = fields.need("bundle", name, "")
    stem = PurePosixPath(document.path).stem
    if called not in {"", stem}:
        check_file_name("bundle", called, stem, fields, collector)
    owner = fields.need("owner", filled_line, "")
    reason = fields.need("reason", filled_line, "")
    source = fields.get("published", _source, None)
    usual = fields.get("ports", ports, ())
    reached = fields.need("to", each(destination), ())
    collector.stop_after(misfits)
    own = tuple(canonical(_of_bundle(one, called, usual) for one in reached))
    return Bundle(
        name=called,
        owner=owner,
        reason=reason,
        hosts=tuple(one for one in own if isinstance(one, Host)),
        ranges=tuple(one for one in own if isinstance(one, AddressRange)),
        path=document.path,
        source=source,
        at=fields.at,
    )


def _source(node: Node, collector: ProblemCollector) -> BundleSource:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    vendor = fields.need("source", text, "")
    found = fields.need("date", day, None)
    version = fields.get("version", filled_line, "")
    only = fields.get("only", each(filled_line), ())
    collector.stop_after(misfits)
    entry = fields.entry("date")
    if found is None or entry is None:
        raise Misfit
    return BundleSource(
        vendor=vendor,
        day=found,
        version=version,
        only=tuple(sorted(set(only))),
        day_at=entry.value.at,
    )


def _of_bundle(one: Destination, bundle: str, usual: tuple[PortRange, ...]) -> Destination:
    """The host or the range as the bundle has it: with the bundle's ports where it has none.

    Raises:
        Misfit: for anything else, which the schema refuses.
    """
    if isinstance(one, Host | AddressRange):
        return replace(one, bundle=bundle, ports=one.ports or usual)
    raise Misfit


def waivers(
    document: Document,
    collector: ProblemCollector,
    *,
    teams: frozenset[str] | None,
    entries: Mapping[str, frozenset[str]],
) -> tuple[Waiver, ...]:
    """The exceptions in the file, sorted.

    `entries` holds what each team has that an exception may name, and under the empty name what
    the platform has; a team that could not be read is not in it, and then nothing is reported.

    Raises:
        Misfit: if the file holds no list of them.
    """
    fields = Fields.of(document.root, collector)
    found = fields.need("exceptions", each(_waiver(teams, entries)), ())
    return tuple(
        sorted(found, key=lambda one: (one.rule, one.team, one.entry, one.until, one.approved_by))
    )


def _waiver(teams: frozenset[str] | None, entries: Mapping[str, frozenset[str]]) -> Make[Waiver]:
    def team(node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        _check_approved("team", called, teams, node, collector)
        return called

    def make(node: Node, collector: ProblemCollector) -> Waiver:
        misfits = collector.misfits
        fields = Fields.of(node, collector)
        rule = fields.need("rule", text, "")
        owner = fields.get("team", team, "")
        names = entries.get(owner) if collector.misfits == misfits else None
        entry = fields.need("entry", _one_of(names), "")
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
            at=fields.at,
        )

    return make


def _doubtful(fields: Fields) -> Doubtful:
    written = {
        key: entry.value.text if isinstance(entry.value, ScalarNode) else None
        for key, entry in fields.node.entries.items()
    }
    return Doubtful(
        rule=written.get("rule"), team=written.get("team", ""), entry=written.get("entry")
    )


def _one_of(names: frozenset[str] | None) -> Make[str]:
    def entry(node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        _check_approved("entry", called, names, node, collector)
        return called

    return entry


def _check_approved(
    kind: str, called: str, names: frozenset[str] | None, node: Node, collector: ProblemCollector
) -> None:
    """Refuse what an exception is for where there is no such thing.

    No other name is proposed: an approval holds for what was approved.

    Raises:
        Misfit: if there is none.
    """
    if names is not None and called not in names:
        raise collector.refuse(
            node.at,
            f"unknown-{kind}",
            f"there is no {kind} {shown(called)}",
            "remove the exception, or have what is meant approved; an approval moves to no other "
            f"{kind}",
        )
