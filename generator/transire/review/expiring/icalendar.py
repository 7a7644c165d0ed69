"""What ends soon as a calendar that people subscribe to.

Source: RFC 5545, sections 3.1 (lines and folding), 3.3.11 (text) and 3.6.1 (events).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from transire.meaning.endings import Ending
from transire.model.problems import printable
from transire.review.expiring.expiring import Expiring, then, title

_LONGEST = 75
"""Bytes of a line before its end; a longer one is folded."""

_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def calendar(found: Expiring) -> str:
    """The calendar: an event on the last day, or at the instant, of each end.

    An event keeps its UID as long as its entry has its name, so that another end moves it.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//transire//expiring//EN",
        "CALSCALE:GREGORIAN",
        *(line for each in found.endings for line in _event(each, found.as_of)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(ending: Ending, as_of: datetime) -> Iterator[str]:
    about = [ending.reason, then(ending), str(ending.at), ", ".join(ending.owners)]
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(ending)}@transire"
    yield f"DTSTAMP:{_instant(as_of)}"
    if ending.until.whole_day:
        yield f"DTSTART;VALUE=DATE:{ending.until.day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{ending.until.day + timedelta(days=1):%Y%m%d}"
    else:
        yield f"DTSTART:{_instant(ending.until.last)}"
    yield f"SUMMARY:{_text(f'egress: {title(ending)} ends')}"
    yield f"DESCRIPTION:{_text(chr(10).join(map(printable, filter(None, about))))}"
    yield f"CATEGORIES:{_text(str(ending.what))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _uid(ending: Ending) -> str:
    """The same for the same entry in every run."""
    parts = (ending.what, ending.team, ending.entry, ending.cluster, ending.guardrail)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _instant(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 bytes; all but the first begin with a space."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > _LONGEST:
            yield part
            part = " "
        part += letter
    yield part
