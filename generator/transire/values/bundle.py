"""A bundle's file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from transire.model.bundle_source import BundleSource
from transire.model.intent import AddressRange, Bundle, Destination, Host
from transire.model.net import PortRange
from transire.values.egress_rules import canonical, destination, ports
from transire.values.ends import day
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import filled_line, name, text
from transire.values.team import check_file_name
from transire.yamlio import Document, Node


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
