"""A team's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from transire.model.intent import Mode, Publication, Team
from transire.model.problems import Position
from transire.values.egress_rules import RuleReader
from transire.values.guardrails.fixed import unknown_cluster
from transire.values.guardrails.fixed.namespace_owned_twice import Claims
from transire.values.mapping_reader import Fields, each, entries
from transire.values.problem_collector import ProblemCollector, shown
from transire.values.references import References
from transire.values.scalars import choice, day, filled_line, name, name_key
from transire.yamlio import Document, Entry, MappingNode, Node, SequenceNode

ModeUntil = tuple[Mode, date | None]
"""A mode, and the day on which it ends."""


def team(
    document: Document, collector: ProblemCollector, *, references: References, claims: Claims
) -> Team:
    """What the file holds.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(document.root, collector)
    called = fields.need("team", name, "")
    stem = PurePosixPath(document.path).stem
    if called not in {"", stem}:
        check_file_name("team", called, stem, fields, collector)
    contact = fields.need("contact", filled_line, "")
    contact_entry = fields.entry("contact")
    publications = fields.need("namespaces", _Publications(references=references).read, ())
    for each_one in publications:
        claims.claim(each_one, collector)
    book = RuleReader(references=references, source=f"{document.path}#")
    rules = fields.need("egress", book.rules, ())
    collector.stop_after(misfits)
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
    kind: str, called: str, stem: str, fields: Fields, collector: ProblemCollector
) -> None:
    """Note that the name inside a file is not the file's own."""
    entry = fields.entry(kind)
    if entry is not None:
        collector.note(
            entry.value.at,
            "name-mismatch",
            f"{kind} {shown(called)} is in a file named {shown(f'{stem}.yaml')}",
            f"rename the file to {called}.yaml, or write {kind}: {stem}",
        )


def mode(node: Node, collector: ProblemCollector) -> ModeUntil:
    """A mode by its name, or a map with its end.

    Raises:
        Misfit: for anything else.
    """
    if not isinstance(node, MappingNode):
        return choice(Mode)(node, collector), None
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    named = fields.need("mode", choice(Mode), Mode.ENFORCE)
    until = fields.need("until", day, None)
    collector.stop_after(misfits)
    _check_end(named, until, node.at, collector)
    return named, until


def _check_end(named: Mode, until: date | None, at: Position, collector: ProblemCollector) -> None:
    if until is not None and named is not Mode.AUDIT:
        raise collector.refuse(
            at,
            "until-without-audit",
            f"mode {named} has an end on {until}, and only audit may end",
            "remove until, or write mode: audit",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Publications:
    references: References

    def read(self, node: Node, collector: ProblemCollector) -> tuple[Publication, ...]:
        found: dict[tuple[str, str], Publication] = {}
        for entry in entries(node):
            with collector:
                for one in self._of_namespace(entry, collector):
                    found.setdefault((one.namespace, one.cluster), one)
        return tuple(found[pair] for pair in sorted(found))

    def _of_namespace(self, entry: Entry, collector: ProblemCollector) -> tuple[Publication, ...]:
        namespace = name_key(entry.key, collector)
        if namespace in self.references.system:
            collector.note(
                entry.key.at,
                "system-namespace",
                f"{namespace} is a system namespace, which nothing of ours selects",
                "publish from a namespace of the team",
            )
        clusters, (named, until) = self._clusters(entry.value, collector)
        return tuple(
            Publication(
                namespace=namespace, cluster=each_one, mode=named, until=until, at=entry.key.at
            )
            for each_one in clusters
        )

    def _clusters(
        self, node: Node, collector: ProblemCollector
    ) -> tuple[tuple[str, ...], ModeUntil]:
        default = self.references.mode, self.references.until
        if isinstance(node, SequenceNode):
            return each(self._cluster)(node, collector), default
        misfits = collector.misfits
        fields = Fields.of(node, collector)
        clusters = fields.need("clusters", each(self._cluster), ())
        named, end = fields.get("mode", mode, default)
        until = fields.get("until", day, None)
        if until is None or collector.misfits > misfits:
            return clusters, (named, end)
        own = fields.entry("mode")
        if own is not None and isinstance(own.value, MappingNode):
            raise collector.refuse(
                fields.at, "until-twice", "the mode has two ends", "write until once"
            )
        _check_end(named, until, fields.at, collector)
        return clusters, (named, until)

    def _cluster(self, node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        unknown_cluster.check(called, self.references.clusters, node.at, collector)
        return called
