"""The files of a chart that tools read as text: what in them is none, or is not what people see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from transire.charts.chart_yaml import NAME
from transire.charts.values_schema import SCHEMA
from transire.model.problems import Position, Problem
from transire.workspace.safe_folder import shown
from transire.yamlio.merge_markers import merge_marker

VALUES = "values.yaml"

_READ = frozenset({NAME, VALUES, SCHEMA})
_BELOW = "templates/"
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
    "|[\ufff9-\ufffb\U000e0000-\U000e007f]|\r(?!\n)"
)


def text_problems(folder: str, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """The first thing in each file that is no text, that nobody sees, or that a merge left."""
    for path, content in sorted(files.items()):
        if path in _READ or path.startswith(_BELOW):
            found = _problem(content, shown(f"{folder}/{path}"))
            if found is not None:
                yield found


def _problem(content: bytes, path: str) -> Problem | None:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return Problem(
            at=_place(content[: error.start].decode(), path),
            id="not-utf-8",
            message=f"the byte 0x{content[error.start]:02x} is not UTF-8 text",
            help="save the file as UTF-8",
        )
    unseen = _UNSEEN.search(text)
    if unseen is not None:
        return Problem(
            at=_place(text[: unseen.start()], path),
            id="control-character",
            message=f"the character U+{ord(unseen[0]):04X} is invisible",
            help="remove it",
        )
    return merge_marker(text, path)


def _place(before: str, path: str) -> Position:
    line = before.count("\n") + 1
    return Position(path=path, line=line, column=len(before) - before.rfind("\n"))
