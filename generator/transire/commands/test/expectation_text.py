"""The text of a file of expectations: a new one, or more at the end of one that is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from transire.model.problems import Position, Problem, Rejected
from transire.queries.expectation import ExpectationFile
from transire.values.expectations import expectations_of

_HEAD = """\
# yaml-language-server: $schema=../../values/.schema/expectations.schema.json
# Begun by `transire test --new {team}`, which adds what is missing and changes nothing.
apiVersion: transire/v1
kind: EgressExpectations
team: {team}
expectations:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One expectation as it is written."""

    origin: str
    destination: str
    expect: str
    clusters: tuple[str, ...] = ()
    reason: str = ""

    @property
    def flow(self) -> tuple[str, str]:
        """From where to where."""
        return self.origin, self.destination

    def __str__(self) -> str:
        fields = [
            f"from: {_quoted(self.origin)}",
            f"to: {_quoted(self.destination)}",
            f"expect: {self.expect}",
        ]
        if self.clusters:
            fields.append(f"clusters: [{', '.join(map(_name, self.clusters))}]")
        return f"- {{{', '.join([*fields, f'reason: {_quoted(self.reason)}'])}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Expectations below one comment."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """The new bytes, and how many expectations are more than before."""

    content: bytes
    added: int


def appended(
    before: bytes | None,
    path: str,
    team: str,
    parts: Sequence[Part],
    there: ExpectationFile | None,
) -> Appended:
    """The file with the expectations that it does not have; the same bytes where it has them all.

    An expectation is there where one has its source and its destination, whatever is expected.

    Raises:
        Rejected: if the file is about another team, or more cannot be added at its end.
    """
    if before is None or there is None:
        text = _HEAD.format(team=team) + _written(parts, "  ")
        added = sum(len(each.lines) for each in parts)
        return Appended(content=text.encode() if added else _empty(team), added=added)
    if there.team not in {"", team}:
        raise _cannot_edit(path, f"the file is about team {there.team}")
    known = {(each.origin, each.destination) for each in there.expectations}
    missing = [
        replace(part, lines=tuple(each for each in part.lines if each.flow not in known))
        for part in parts
    ]
    added = sum(len(each.lines) for each in missing)
    if not added:
        return Appended(content=before, added=0)
    indent = " " * (there.expectations[-1].at.column - 3) if there.expectations else "  "
    end = b"" if before.endswith(b"\n") else b"\n"
    content = before + end + _written(missing, indent).encode()
    _verify(content, path, there, added)
    return Appended(content=content, added=added)


def _empty(team: str) -> bytes:
    return f"{_HEAD.format(team=team).rstrip()} []\n".encode()


def _written(parts: Sequence[Part], indent: str) -> str:
    return "".join(f"{indent}{line}\n" for part in parts if part.lines for line in _lines(part))


def _lines(part: Part) -> Iterator[str]:
    yield f"# {part.title}"
    yield from map(str, part.lines)


def _quoted(text: str) -> str:
    """A scalar that every YAML reader takes for this text: a string of JSON is one."""
    return json.dumps(text, ensure_ascii=False)


def _name(text: str) -> str:
    """A name as it is where no reader takes it for something else."""
    return text if text[0].isalpha() and "-" in text else _quoted(text)


def _verify(content: bytes, path: str, there: ExpectationFile, added: int) -> None:
    """The file has what it had, and as many more.

    Raises:
        Rejected: if it does not.
    """
    found = expectations_of([(path, content)])
    if found.problems or not found.files:
        raise _cannot_edit(path, "the list of expectations is not its last key, as a block")
    now = found.files[0].expectations
    kept = len(there.expectations)
    if now[:kept] != there.expectations or len(now) != kept + added:
        raise _cannot_edit(path, "the form of the file is unusual")


def _cannot_edit(path: str, why: str) -> Rejected:
    problem = Problem(
        at=Position(path=path),
        id="cannot-edit",
        message=f"expectations cannot be added: {why}",
        help="move the file away, run the command again, and join the two by hand",
    )
    return Rejected([problem])
