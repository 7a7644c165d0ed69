"""A team's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from transire.model.intent import Mode, Publication, Team
from transire.model.problems import Position
from transire.values.egress_rules import RuleReader
from transire.values.guardrails import unknown_cluster
from transire.values.guardrails.namespace_owned_twice import Claims
from transire.values.mapping_reader import Fields, each, entries
from transire.values.problem_collector import ProblemCollector, shown
from transire.values.references import Known
from transire.values.scalars import choice, day, filled_line, name, name_key
from transire.yamlio import Document, Entry, MappingNode, Node, SequenceNode

ModeUntil = tuple[Mode, date | None]
"""A mode, and the day on which it ends."""


def team(document: Document, complaints: ProblemCollector, *, known: Known, claims: Claims) -> Team:
    """What the file says.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = complaints.misfits
    fields = Fields.of(document.root, complaints)
    called = fields.need("team", name, "")
    stem = PurePosixPath(document.path).stem
    if called not in {"", stem}:
        check_file_name("team", called, stem, fields, complaints)
    contact = fields.need("contact", filled_line, "")
    contact_entry = fields.entry("contact")
    publications = fields.need("namespaces", _Publications(known=known).read, ())
    for each_one in publications:
        claims.claim(each_one, complaints)
    book = RuleReader(known=known, source=f"{document.path}#")
    rules = fields.need("egress", book.rules, ())
    complaints.stop_after(misfits)
    return Team(
        name=called,
        contact=contact,
        path=document.path,
        publications=publications,
        rules=rules,
        at=fields.at,
        contact_at=contact_entry.value.at if contact_entry else fields.at,
    )


def check_file_name(
    kind: str, called: str, stem: str, fields: Fields, complaints: ProblemCollector
) -> None:
    """Say that the name inside a file is not the file's own."""
    entry = fields.entry(kind)
    if entry is not None:
        complaints.note(
            entry.value.at,
            "name-mismatch",
            f"{kind} {shown(called)} is in a file named {shown(f'{stem}.yaml')}",
            f"rename the file to {called}.yaml, or write {kind}: {stem}",
        )


def mode(node: Node, complaints: ProblemCollector) -> ModeUntil:
    """A mode by its name, or a map with its end.

    Raises:
        Misfit: for anything else.
    """
    if not isinstance(node, MappingNode):
        return choice(Mode)(node, complaints), None
    misfits = complaints.misfits
    fields = Fields.of(node, complaints)
    named = fields.need("mode", choice(Mode), Mode.ENFORCE)
    until = fields.need("until", day, None)
    complaints.stop_after(misfits)
    _check_end(named, until, node.at, complaints)
    return named, until


def _check_end(named: Mode, until: date | None, at: Position, complaints: ProblemCollector) -> None:
    if until is not None and named is not Mode.AUDIT:
        raise complaints.refuse(
            at,
            "until-without-audit",
            f"mode {named} has an end on {until}, and only audit may end",
            "remove until, or write mode: audit",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Publications:
    known: Known

    def read(self, node: Node, complaints: ProblemCollector) -> tuple[Publication, ...]:
        found: dict[tuple[str, str], Publication] = {}
        for entry in entries(node):
            with complaints:
                for one in self._of_namespace(entry, complaints):
                    found.setdefault((one.namespace, one.cluster), one)
        return tuple(found[pair] for pair in sorted(found))

    def _of_namespace(self, entry: Entry, complaints: ProblemCollector) -> tuple[Publication, ...]:
        namespace = name_key(entry.key, complaints)
        if namespace in self.known.system:
            complaints.note(
                entry.key.at,
                "system-namespace",
                f"{namespace} is a system namespace, which nothing of ours selects",
                "publish from a namespace of the team",
            )
        clusters, (named, until) = self._clusters(entry.value, complaints)
        return tuple(
            Publication(
                namespace=namespace, cluster=each_one, mode=named, until=until, at=entry.key.at
            )
            for each_one in clusters
        )

    def _clusters(
        self, node: Node, complaints: ProblemCollector
    ) -> tuple[tuple[str, ...], ModeUntil]:
        default = self.known.mode, self.known.until
        if isinstance(node, SequenceNode):
            return each(self._cluster)(node, complaints), default
        misfits = complaints.misfits
        fields = Fields.of(node, complaints)
        clusters = fields.need("clusters", each(self._cluster), ())
        named, end = fields.get("mode", mode, default)
        until = fields.get("until", day, None)
        if until is None or complaints.misfits > misfits:
            return clusters, (named, end)
        own = fields.entry("mode")
        if own is not None and isinstance(own.value, MappingNode):
            raise complaints.refuse(
                fields.at, "until-twice", "the mode has two ends", "write until once"
            )
        _check_end(named, until, fields.at, complaints)
        return clusters, (named, until)

    def _cluster(self, node: Node, complaints: ProblemCollector) -> str:
        called = name(node, complaints)
        unknown_cluster.check(called, self.known.clusters, node.at, complaints)
        return called
