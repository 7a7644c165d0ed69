"""Files of expectations, `tests/egress/*.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transire.model.problems import Position, Problem, Rejected, in_order
from transire.queries.expectation import Expectation, ExpectationFile
from transire.queries.query import Connection, DnsQuery, Expected, Source
from transire.queries.query_notation import destination_from, source_from
from transire.values.documents import read_document
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import choice, filled_line, from_sentence, name, text
from transire.values.schemas import ValuesKind, schema_error
from transire.values.value_files import find_expectations
from transire.yamlio import Document, Node, SequenceNode

_NOWHERE = Position(path="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What is expected in a repository, and what is wrong with the files."""

    files: tuple[ExpectationFile, ...]
    problems: tuple[Problem, ...]

    def sound(self) -> tuple[ExpectationFile, ...]:
        """The files, where nothing is wrong with any.

        Raises:
            Rejected: with every mistake.
        """
        if self.problems:
            raise Rejected(self.problems)
        return self.files


def read_expectations(root: Path) -> Expectations:
    """Every file of expectations below `root`; where there is none, nothing is expected."""
    found = find_expectations(root)
    return expectations_of(found.files.items(), found.problems)


def expectations_of(
    files: Iterable[tuple[str, bytes]], problems: Iterable[Problem] = ()
) -> Expectations:
    """The same of files that were read already; `problems` are those of reading them."""
    collector = ProblemCollector()
    collector.problems.extend(problems)
    made = [_file(content, path, collector) for path, content in files]
    return Expectations(
        files=tuple(one for one in made if one is not None), problems=in_order(collector.problems)
    )


def _file(content: bytes, path: str, collector: ProblemCollector) -> ExpectationFile | None:
    before = len(collector.problems)
    found = read_document(content, path, ValuesKind.EXPECTATIONS, collector)
    if found is None:
        return None
    made, misfits = None, collector.misfits
    with collector:
        made = _expectations(found.document, collector)
    if len(collector.problems) == before:
        if not found.sound:
            collector.problems.append(schema_error(found.document, ValuesKind.EXPECTATIONS))
        elif collector.misfits > misfits:
            raise AssertionError("expectations were left out although nothing is wrong with them")
    return made


def _expectations(document: Document, collector: ProblemCollector) -> ExpectationFile:
    fields = Fields.of(document.root, collector)
    team = fields.entry("team")
    return ExpectationFile(
        path=document.path,
        team=fields.get("team", name, ""),
        team_at=_NOWHERE if team is None else team.value.at,
        expectations=fields.need("expectations", each(_expectation), ()),
    )


def _expectation(node: Node, collector: ProblemCollector) -> Expectation:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    origin, source = fields.need("from", _source, ("", Source(namespace="")))
    destination, what = fields.need("to", _destination, ("", DnsQuery(host="")))
    expect = fields.need("expect", choice(Expected), Expected.DENY)
    clusters = fields.get("clusters", _clusters, ())
    reason = fields.get("reason", filled_line, "")
    collector.stop_after(misfits)
    return Expectation(
        origin=origin,
        destination=destination,
        source=source,
        what=what,
        expect=expect,
        clusters=clusters,
        reason=reason,
        at=fields.at,
        source_at=fields.node.entries["from"].value.at,
    )


def _clusters(node: Node, collector: ProblemCollector) -> tuple[tuple[str, Position], ...]:
    if not isinstance(node, SequenceNode):
        raise Misfit
    return each(_cluster)(node, collector)


def _cluster(node: Node, collector: ProblemCollector) -> tuple[str, Position]:
    return name(node, collector), node.at


def _source(node: Node, collector: ProblemCollector) -> tuple[str, Source]:
    written = text(node, collector)
    try:
        return written, source_from(written)
    except ValueError as error:
        remedy = "write it as NAMESPACE/app=checkout"
        raise from_sentence(node, collector, "query", error, remedy) from error


def _destination(node: Node, collector: ProblemCollector) -> tuple[str, DnsQuery | Connection]:
    written = text(node, collector)
    try:
        return written, destination_from(written)
    except ValueError as error:
        remedy = "write it as api.example.com:443"
        raise from_sentence(node, collector, "query", error, remedy) from error
