"""A YAML stream cut into documents, as Helm and kubectl cut it.

Both cut at lines that start with `---`. YAML itself also ends documents at `...`, knows other line
breaks than the newline, and lets text stand beside a flow mapping; what comes after the first
document Helm's reader drops without a word. So a document that is not plainly one is counted by
libyaml, and refused when there is more in it.

Source: `SplitManifests` in Helm's `pkg/release/v1/util`, and `YAMLReader` in apimachinery's
`pkg/util/yaml`, which refuses text after the marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import yaml

from transire.model.problems import Position, Problem

NOT_YAML = "not-yaml"
"""The id of every problem with the text itself."""

CHECK = "check quotes and indentation"
"""What to do about text that is no YAML."""

_MARKER = re.compile(r"---[ \t\r\f]*(?:#.*)?")
_BLANK = " \t\r\f"
_PLAINLY_ONE = re.compile(r"""["'A-Za-z]""")
_OTHER_ENDS = re.compile(r"^\.\.\.|[\r\x85\u2028\u2029](?!\n)", re.MULTILINE)
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Document:
    """The lines of one document, its number from 1, and where its content starts.

    The first of the lines is line `first` of the stream; in place of a marker it is empty.
    """

    lines: Sequence[str]
    number: int
    first: int
    at: Position

    @cached_property
    def text(self) -> str:
        """The document without the marker before it."""
        return "\n".join((*self.lines, ""))

    @property
    def in_place(self) -> str:
        """The document after as many empty lines as stand before it in the stream."""
        return "\n" * (self.first - 1) + self.text

    def problem(self, what: str, help: str, id: str = NOT_YAML) -> Problem:  # noqa: A002 - fields
        """A problem of this document."""
        return Problem(at=self.at, id=id, message=f"document {self.number} {what}", help=help)

    def faults(self) -> Iterator[Problem]:
        """Why the document would not be read whole."""
        text = self.text
        if text.startswith("---"):
            yield self.problem(
                "has text beside its marker ---", "start the document on the line after the marker"
            )
        elif not _PLAINLY_ONE.match(_content(self.lines)) or _may_end_early(text):
            yield from self._counted(text)

    def _counted(self, text: str) -> Iterator[Problem]:
        try:
            count = sum(isinstance(each, yaml.DocumentStartEvent) for each in _events(text))
        except yaml.MarkedYAMLError as error:
            yield self.problem(f"is not YAML: {error.problem}", CHECK)
        except yaml.reader.ReaderError as error:
            yield self.problem(f"is not YAML: {error.reason}", CHECK)
        else:
            if count > 1:
                yield self.problem(
                    "ends before its text does, and what follows would be dropped",
                    "put --- on a line of its own before each document",
                )


def split(text: str, source: str) -> Iterator[Document]:
    """The documents that hold anything but comments; the others are counted, too."""
    start, number, lines = 1, 1, list[str]()
    for place, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.startswith("---"):
            yield from _document(lines, number, source, start)
            clean = _MARKER.fullmatch(line) is not None
            start, number, lines = place, number + bool(lines), ["" if clean else line]
        else:
            lines.append(line)
    yield from _document(lines, number, source, start)


def not_text(text: str, source: str) -> Iterator[Problem]:
    """The first character that no reader can be handed."""
    if text.isascii() and "\0" not in text:
        return
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Problem(
            at=Position(path=source, line=line, column=1),
            id=NOT_YAML,
            message=f"the character U+{ord(found[0]):04X} is not text",
            help="remove it",
        )


def _document(lines: list[str], number: int, source: str, start: int) -> Iterator[Document]:
    for offset, line in enumerate(lines):
        content = line.strip(_BLANK)
        if content and not content.startswith("#"):
            at = Position(path=source, line=start + offset, column=1)
            yield Document(lines=tuple(lines), number=number, first=start, at=at)
            return


def _content(lines: Sequence[str]) -> str:
    """The first line that is neither blank nor a comment."""
    return next(line for line in lines if line.strip(_BLANK) and line.strip(_BLANK)[0] != "#")


def _may_end_early(text: str) -> bool:
    if text.isascii() and "..." not in text and "\r" not in text:
        return False
    return _OTHER_ENDS.search(text) is not None


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=yaml.CSafeLoader)
