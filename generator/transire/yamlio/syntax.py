"""What the YAML parser rejects, in sentences with what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yaml import MarkedYAMLError
from yaml import error as yaml_error
from yaml._yaml import Mark as LibyamlMark

from transire.model.problems import Position, Problem

Mark = yaml_error.Mark | LibyamlMark

UNREAD = "what comes after this in the file was not looked at"
"""How help ends where the parser cannot go on."""

QUOTE_IT = "put the value in double quotes"
_SPLIT = re.compile(r"[\s,\[\]{}]")
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A problem, and how to go on after it: the place of the character to read as a letter.

    `repair` is None where nothing sensible can be read after the mistake.
    """

    problem: Problem
    repair: int | None = None


_SENTENCES = {
    "mapping values are not allowed in this context": (
        "a colon with a space after it makes a key here, where no key can be",
        "put text with a colon in double quotes, or check the indentation",
    ),
    "block sequence entries are not allowed in this context": (
        "a list item cannot start here",
        "start the list on a line of its own, below its key",
    ),
    "found unknown escape character": (
        "an unknown escape follows the backslash in double quotes",
        r"write \\ for a backslash, or use single quotes",
    ),
    "found invalid Unicode character escape code": (
        "the escape in double quotes is not a character",
        "write the character itself",
    ),
    "did not find expected key": (
        "the line does not continue what is before it",
        "check the indentation, and put text with quotes or braces in double quotes as a whole",
    ),
    "did not find expected '-' indicator": (
        "the line does not continue the list before it",
        "check the indentation; every item of a list starts with -",
    ),
    "did not find expected <document start>": (
        "the line is outside of everything before it",
        "check the indentation",
    ),
}
_OPENED = {
    "while scanning a quoted scalar": "the quote that opens here is never closed",
    "while parsing a flow sequence": "the list that opens here with [ has no comma or ] where one "
    "is needed",
    "while parsing a flow mapping": "the map that opens here with { has no comma or } where one "
    "is needed",
    "while scanning a simple key": "the line has no colon after the key",
}
_OPENED_HELP = {
    "while scanning a quoted scalar": "close it on the same line",
    "while parsing a flow sequence": "close it, or put items with special characters in quotes",
    "while parsing a flow mapping": "close it, or put text with braces in double quotes",
    "while scanning a simple key": "write key: value, or check the indentation",
}


def complaint(error: MarkedYAMLError, text: str, path: str) -> Complaint:
    """What is wrong, from the parser's error about `text`."""
    words = error.problem or ""
    mark = error.problem_mark or error.context_mark
    started = error.context_mark
    if started is not None and error.context in {
        "while scanning an alias",
        "while scanning an anchor",
    }:
        return Complaint(
            problem=alias(_token(text, started.index), position(started, path)),
            repair=started.index,
        )
    if mark is not None and "cannot start any token" in words:
        return Complaint(problem=_bad_start(text, mark, path), repair=mark.index)
    if words in _SENTENCES:
        sentence, help_ = _SENTENCES[words]
        at = position(mark, path)
    elif started is not None and error.context in _OPENED:
        sentence, help_ = _OPENED[error.context], _OPENED_HELP[error.context]
        at = position(started, path)
    else:
        sentence = f"this is not YAML: {words or 'the parser gives no reason'}"
        help_ = "check quotes, brackets and indentation"
        at = position(mark, path)
    return Complaint(
        problem=Problem(at=at, id="yaml-syntax", message=sentence, help=f"{help_}; {UNREAD}")
    )


def position(mark: Mark | None, path: str) -> Position:
    """Where the parser's mark points."""
    if mark is None:
        return Position(path=path)
    return Position(path=path, line=mark.line + 1, column=mark.column + 1)


def alias(written: str, at: Position) -> Problem:
    """An anchor or alias, which would make one place of a file change the meaning of another."""
    what = "an anchor" if written.startswith("&") else "an alias"
    quoted = written.replace("\\", "\\\\").replace('"', '\\"')
    return Problem(
        at=at,
        id="yaml-alias",
        message=f"{written!r} is {what} in YAML, and these are not read",
        help=f'write "{quoted}" in double quotes if it is text, or repeat the value',
    )


def token_at(text: str, mark: Mark | None) -> str:
    """What is written at the mark, up to white space or a bracket; shortened where it is long."""
    return "" if mark is None else _token(text, mark.index)


def _token(text: str, start: int) -> str:
    end = _SPLIT.search(text, start)
    return text[start : min(end.start() if end else len(text), start + _SHOWN)].removesuffix(":")


def _bad_start(text: str, mark: Mark, path: str) -> Problem:
    return Problem(
        at=position(mark, path),
        id="yaml-syntax",
        message=f"{_token(text, mark.index)!r} starts with a character that has a meaning in YAML",
        help=QUOTE_IT,
    )
