"""Text from values and charts inside Markdown, where it must stay text and never become markup."""

from __future__ import annotations

import re

from transire.model.problems import printable

_LONGEST = 300
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>+\-!|~&])")
_ODD = re.compile(r"[^A-Za-z0-9 ]")
_ALIVE = re.compile(r"(?<=[@#])")
_SCHEME = re.compile(r":(?=\S)")
_LIST = re.compile(r"\d+\.")
_NOTHING = "&#8203;"
"""A character without width."""

_ASCII = 128


def prose(text: str) -> str:
    """Text that is read, such as a reason.

    Backslashes do not keep GitHub from linking names, numbers and addresses, as it looks at what
    they leave. A character without width behind the sign does, and a letter by its number.
    """
    plain = _SPECIAL.sub(r"\\\1", printable(_clipped(text)).strip())
    if _LIST.match(plain):
        plain = plain.replace(".", "\\.", 1)
    return _SCHEME.sub("&#58;", _ALIVE.sub(_NOTHING, plain)).replace("www.", "ww&#119;.")


def code(text: str) -> str:
    """Text that is copied, such as a host; nothing for none."""
    plain = printable(_clipped(text))
    ticks = fence(plain, 1)
    padded = f" {plain} " if "`" in plain or plain.strip() != plain else plain
    return f"{ticks}{padded}{ticks}" if plain else ""


def cell(text: str) -> str:
    """The same in a table, where a bar ends the cell even inside code."""
    if "|" not in text:
        return code(text)
    # Readers disagree about a bar behind a backslash. HTML with escapes for all but letters leaves
    # nothing to disagree about.
    return f"<code>{_ODD.sub(_entity, printable(_clipped(text)))}</code>"


def fence(text: str, least: int = 3) -> str:
    """Backticks that the text cannot end."""
    longest = max((len(each) for each in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def _entity(found: re.Match[str]) -> str:
    if ord(found[0]) >= _ASCII:
        return found[0]
    return f"&#{ord(found[0])};{_NOTHING if found[0] == '@' else ''}"


def _clipped(text: str) -> str:
    """The text, cut where it is too long for a line, with the length of the rest."""
    more = len(text) - _LONGEST
    return f"{text[:_LONGEST]}… ({more} more characters)" if more > 0 else text
