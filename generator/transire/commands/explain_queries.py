"""Queries as a person writes one, and as scripts write many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO

from transire.model.problems import Position, Problem, Rejected, UsageError
from transire.queries.query import Query
from transire.queries.query_json import RULE, QueryReader
from transire.queries.query_notation import destination_from, source_from, with_request


def single_query(
    source: str, destination: str, name: str = "1", *, method: str = "", path: str = ""
) -> Query:
    """The query that `--from` and `--to` describe; `name` is its id.

    With a `method` or a `path` it is about that request in clear; left out, they are GET and /.

    Raises:
        UsageError: if one of them is not in the notation of queries.
    """
    try:
        what = destination_from(destination)
        if method or path:
            what = with_request(what, method or "GET", path or "/")
        return Query(id=name, source=source_from(source), what=what)
    except ValueError as error:
        raise UsageError(str(error)) from error


def many_queries(lines: Iterable[str], path: str, first: int = 1) -> Iterator[Query]:
    """The queries of JSON lines, numbered from `first`; empty lines are passed over.

    Raises:
        Rejected: at the first line that is wrong, with every mistake in it.
    """
    reader = QueryReader(path=path)
    for number, line in enumerate(lines, first):
        if line.strip():
            yield reader.query(line, line=number)


def text_lines(lines: Iterable[bytes], path: str, first: int = 1) -> Iterator[str]:
    """Lines as text, whatever ends them.

    Raises:
        Rejected: at the first line that is not UTF-8.
    """
    for number, line in enumerate(lines, first):
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise Rejected([_not_utf8(error, Position(path=path, line=number))]) from error
        if "\r" in text:
            yield from StringIO(text, newline=None)
        else:
            yield text


def _not_utf8(error: UnicodeDecodeError, at: Position) -> Problem:
    byte = error.object[error.start]
    return Problem(
        at=at,
        id=RULE,
        message=f"the byte 0x{byte:02x} is not UTF-8: {error.reason}",
        help="write the file in UTF-8",
    )
