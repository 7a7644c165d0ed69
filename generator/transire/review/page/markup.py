"""HTML made of values: whatever is not markup already is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_SPACE = re.compile("[\t\n\v\f\r]")
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
_VOID = frozenset({"br", "col", "input", "link", "meta"})


class Markup(str):
    """HTML that may stand in a page as it is; made by `tag` and `joined` only."""

    __slots__ = ()


Child = str | int
"""What an element may hold; a string that is no `Markup` is text."""


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """An element: `tag("td", "<b>", class_="why")` is `<td class="why">&lt;b&gt;</td>`.

    A trailing `_` in an attribute's name is dropped and other `_` become `-`; None and False leave
    the attribute out, and True writes its name alone.

    Raises:
        ValueError: if the element or an attribute has no plain name, or is a handler of events.
    """
    head = [_plain(name)]
    for written, value in attributes.items():
        attribute = _plain(written.removesuffix("_").replace("_", "-"))
        if attribute.lower().startswith("on"):
            raise ValueError(f"{attribute} is a handler, which the page's policy refuses")
        if value is True:
            head.append(attribute)
        elif value is not None and value is not False:
            head.append(f'{attribute}="{escape(str(value))}"')
    start = f"<{' '.join(head)}>"
    return Markup(start if name in _VOID else f"{start}{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """One piece of markup out of several, and of texts."""
    return Markup("".join(map(_as_markup, children)))


def shown(text: str) -> str:
    r"""Free text as one line in which everything can be seen.

    Tabs and ends of lines become spaces, and what has no shape of its own is spelt out, so that a
    mark that turns the direction of writing reads `\u202e` and turns nothing.
    """
    line = _SPACE.sub(" ", text)
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in line)


def _as_markup(child: Child) -> str:
    return child if isinstance(child, Markup) else escape(shown(str(child)))


def _plain(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not the name of an element or attribute")
    return name
