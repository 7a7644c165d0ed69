"""A bundle's file, and the exceptions file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from transire.model.intent import Bundle, Host, Waiver
from transire.model.names import HostPattern
from transire.values.mapping_reader import Fields, Make, each
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.references import check_known
from transire.values.scalars import day, filled_line, host, name, text
from transire.values.team import check_file_name
from transire.yamlio import Document, Node


def bundle(document: Document, complaints: ProblemCollector) -> Bundle:
    """What the file says.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = complaints.misfits
    fields = Fields.of(document.root, complaints)
    called = fields.need("bundle", name, "")
    stem = PurePosixPath(document.path).stem
    if called not in {"", stem}:
        check_file_name("bundle", called, stem, fields, complaints)
    owner = fields.need("owner", filled_line, "")
    reason = fields.need("reason", filled_line, "")
    hosts = fields.need("to", each(_host), ())
    complaints.stop_after(misfits)
    unique: dict[HostPattern, Host] = {}
    for one in hosts:
        unique.setdefault(one.pattern, Host(pattern=one.pattern, bundle=called, at=one.at))
    return Bundle(
        name=called,
        owner=owner,
        reason=reason,
        hosts=tuple(sorted(unique.values())),
        path=document.path,
        at=fields.at,
    )


def _host(node: Node, complaints: ProblemCollector) -> Host:
    return Host(pattern=host(node, complaints), at=node.at)


def waivers(
    document: Document,
    complaints: ProblemCollector,
    *,
    teams: frozenset[str] | None,
    entries: Mapping[str, frozenset[str]],
) -> tuple[Waiver, ...]:
    """The exceptions in the file, sorted.

    `entries` holds what each team has that an exception may name, and under the empty name what
    the platform has; a team that could not be read is not in it, and then nothing is said.

    Raises:
        Misfit: if the file holds no list of them.
    """
    fields = Fields.of(document.root, complaints)
    found = fields.need("exceptions", each(_waiver(teams, entries)), ())
    return tuple(
        sorted(found, key=lambda one: (one.rule, one.team, one.entry, one.until, one.approved_by))
    )


def _waiver(teams: frozenset[str] | None, entries: Mapping[str, frozenset[str]]) -> Make[Waiver]:
    def team(node: Node, complaints: ProblemCollector) -> str:
        called = name(node, complaints)
        check_known("team", called, teams, node.at, complaints)
        return called

    def make(node: Node, complaints: ProblemCollector) -> Waiver:
        misfits = complaints.misfits
        fields = Fields.of(node, complaints)
        rule = fields.need("rule", text, "")
        owner = fields.get("team", team, "")
        known = entries.get(owner) if complaints.misfits == misfits else None
        entry = fields.need("entry", _one_of(known), "")
        approved_by = fields.need("approvedBy", filled_line, "")
        reason = fields.need("reason", filled_line, "")
        until = fields.need("until", day, None)
        complaints.stop_after(misfits)
        if until is None:
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


def _one_of(known: frozenset[str] | None) -> Make[str]:
    def entry(node: Node, complaints: ProblemCollector) -> str:
        called = name(node, complaints)
        check_known("entry", called, known, node.at, complaints)
        return called

    return entry
