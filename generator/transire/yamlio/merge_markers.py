"""What a merge leaves in a file where Git could not decide, and nobody did after it."""

from __future__ import annotations

import re

from transire.model.problems import Position, Problem

_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?=[ \r\n]|\Z)", re.MULTILINE)


def merge_marker(text: str, path: str) -> Problem | None:
    """The first line that Git wrote where two sides differ; None where there is none."""
    found = _MARKER.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    return Problem(
        at=Position(path=path, line=line, column=1),
        id="merge-conflict",
        message=f"a merge left its marker {found[0]} here: two sides differ, and nobody decided",
        help="keep what is meant of both sides, and remove the lines that start with <<<<<<<, "
        "=======, >>>>>>> and |||||||",
    )
