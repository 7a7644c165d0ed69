"""What ends soon as text, Markdown, JSON and iCalendar."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from transire.meaning.endings import Ending
from transire.model.owners import is_owner
from transire.model.problems import escaped
from transire.review.expiring import icalendar
from transire.review.expiring.expiring import Expiring, then, title, when
from transire.review.markdown_escape import cell, prose

SCHEMA = "transire.expiring/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""

MARKER = "<!-- transire expiring -->"
"""The first line of the Markdown, by which the issue that has it is found."""

_AFTERWARDS = (
    "After its end a rule or an audit stops every change of its team until somebody edits the "
    "file, and an exception lets nothing pass any more. Give the entry another end, or take it out."
)
MOST_ROWS = 150
"""Rows of Markdown; an issue on GitHub has room for 65,536 bytes."""


def as_text(found: Expiring) -> str:
    """A line for each end, the first one first, and below it what it is for and where it stands."""
    if not found.endings:
        return f"nothing ends by {found.last}\n"
    return "".join(f"{line}\n" for each in found.endings for line in _lines(each))


def _lines(ending: Ending) -> list[str]:
    about = f": {ending.reason}" if ending.reason else ""
    owners = ", ".join(ending.owners) or "nobody is named"
    lines = [
        f"{title(ending)} {when(ending)}{about}",
        f"  {ending.at}, {owners}; {then(ending)}",
    ]
    return [escaped(each) for each in lines]


def as_markdown(found: Expiring) -> str:
    """A table for an issue, which mentions the owners that a forge can mention."""
    if not found.endings:
        return f"{MARKER}\n## Egress: nothing ends by {found.last}\n"
    count = len(found.endings)
    verb = "entry ends" if count == 1 else "entries end"
    rows = [_row(each) for each in found.endings[:MOST_ROWS]]
    rest = count - len(rows)
    return "\n".join(
        [
            MARKER,
            f"## Egress: {count} {verb} by {found.last}, or ended before",
            "",
            "| when | what | owners | reason | where |",
            "|---|---|---|---|---|",
            *rows,
            *(["", f"and {rest} more, which `transire expiring` lists"] if rest else []),
            "",
            _AFTERWARDS,
            "",
        ]
    )


def _row(ending: Ending) -> str:
    owners = ", ".join(map(_owner, ending.owners)) or "nobody is named"
    cells = (prose(when(ending)), prose(title(ending)), owners, prose(ending.reason))
    return f"| {' | '.join(cells)} | {cell(str(ending.at))} |"


def _owner(owner: str) -> str:
    """A mention, where a forge has such names; the text of any other contact."""
    return owner if owner.startswith("@") and is_owner(owner) else prose(owner)


def as_json(found: Expiring) -> str:
    """One document; the shape is `expiring.schema.json` beside this module."""
    document = {
        "schema": SCHEMA,
        "as_of": found.as_of.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "days": found.days,
        "endings": [_ending(each) for each in found.endings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _ending(ending: Ending) -> dict[str, object]:
    return {
        "what": str(ending.what),
        "team": ending.team or None,
        "entry": ending.entry,
        "cluster": ending.cluster or None,
        "guardrail": ending.guardrail or None,
        "until": str(ending.until),
        "days": ending.days,
        "past": ending.past,
        "owners": list(ending.owners),
        "reason": ending.reason or None,
        "at": {"path": ending.at.path, "line": ending.at.line, "column": ending.at.column},
    }


EXPIRING_FORMATS: Mapping[str, Callable[[Expiring], str]] = MappingProxyType(
    {"text": as_text, "markdown": as_markdown, "json": as_json, "ics": icalendar.calendar}
)
"""How what ends soon is shown, by the name that `--format` takes."""
