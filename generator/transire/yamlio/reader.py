"""YAML in: one small, strict part of the language, with a position for everything.

Refused are all the ways in which a file means less or more than people see in it: anchors, aliases
and merge keys, tags, directives, several documents, duplicate keys, tabs, invisible characters, and
nesting deeper than any file of ours. `docs/adr/0002-yaml-reader.md` has the reasons for libyaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yaml import MarkedYAMLError

from transire.model.problems import Position, Problem, Rejected
from transire.yamlio.builder import Builder
from transire.yamlio.merge_markers import merge_marker
from transire.yamlio.nodes import Node
from transire.yamlio.syntax import complaint

MAX_BYTES = 2**20
"""Largest file that is read, in bytes."""

_MAX_REPAIRS = 50
_MAX_INVISIBLE = 20
_INVISIBLE = re.compile(
    r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that was read: its path and what it holds."""

    path: str
    root: Node


def read(source: bytes | str, path: str) -> Document:
    """What the file holds.

    Raises:
        Rejected: with every mistake that can be seen in one run.
    """
    text = _decoded(source, path)
    unseen = _invisible(text, path)
    conflict = merge_marker(text, path)
    if unseen or conflict is not None:
        raise Rejected([*unseen, *([conflict] if conflict else [])])
    problems: list[Problem] = []
    repaired = text
    for _ in range(_MAX_REPAIRS):
        builder = Builder(text, path)
        try:
            root = builder.build(repaired)
        except MarkedYAMLError as error:
            found = complaint(error, text, path)
            problems += [*builder.problems, found.problem]
            if found.repair is None:
                break
            repaired = f"{repaired[: found.repair]}x{repaired[found.repair + 1 :]}"
        else:
            problems += builder.problems
            if problems:
                break
            return Document(path=path, root=root)
    raise Rejected(problems)


def _decoded(source: bytes | str, path: str) -> str:
    if len(source) > MAX_BYTES:
        raise Rejected([too_large(path, len(source))])
    if isinstance(source, str):
        return source
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        raise Rejected(
            [
                Problem(
                    at=_place(before, len(before), path),
                    id="not-utf-8",
                    message=f"the byte 0x{source[error.start]:02x} is not UTF-8 text",
                    help="save the file as UTF-8",
                )
            ]
        ) from error


def too_large(path: str, size: int) -> Problem:
    """The problem of a file over `MAX_BYTES`, which nobody needs to open to know it."""
    return Problem(
        at=Position(path=path),
        id="file-too-large",
        message=f"the file has {size} bytes, more than {MAX_BYTES}",
        help="split it; a values file is read by people",
    )


def _invisible(text: str, path: str) -> list[Problem]:
    """One problem for each line with a character that nobody sees, as far as a person reads on."""
    problems: list[Problem] = []
    if _INVISIBLE.search(text) is None:
        return problems
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        end = start + len(line) + 1
        match = _INVISIBLE.search(text, start, end)
        if match is not None:
            at = Position(path=path, line=number, column=match.start() - start + 1)
            problems.append(_unseen(match[0], at))
        if len(problems) == _MAX_INVISIBLE:
            break
        start = end
    return problems


def _unseen(letter: str, at: Position) -> Problem:
    if letter == "\t":
        return Problem(
            at=at,
            id="tab",
            message="the line has a tab, which readers of YAML count differently",
            help="use spaces",
        )
    if letter == "\ufeff":
        return Problem(
            at=at,
            id="control-character",
            message="the file has a byte order mark",
            help="save it as UTF-8 without one",
        )
    return Problem(
        at=at,
        id="control-character",
        message=f"the character U+{ord(letter):04X} is invisible",
        help="remove it",
    )


def _place(text: str, index: int, path: str) -> Position:
    line_start = text.rfind("\n", 0, index) + 1
    return Position(path=path, line=text.count("\n", 0, index) + 1, column=index - line_start + 1)
