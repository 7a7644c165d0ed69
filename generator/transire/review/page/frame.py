"""The frame of a page: its head, its policy, its data."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from transire.review.page.markup import Markup, joined, tag

_SCRIPTS = ("page.js", "names.js", "lists.js")
_MEANS_SOMETHING = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a page: its anchor, heading, a line on what it is, and its content."""

    id: str
    title: str
    body: Markup
    lead: str = ""


def page(
    *,
    title: str,
    summary: Markup,
    sections: Sequence[Section],
    data: Mapping[str, Any],
    style: str = "",
    script: str = "",
) -> str:
    """The whole page as text.

    `data` is what `pageData()` gives in the browser. `style` and `script` follow those of the
    frame, in one sheet and one script.

    Raises:
        ValueError: if style or script hold what ends their element, or starts a comment in it.
    """
    sheet = _inside("style", _file("page.css") + style)
    program = _inside("script", "".join(map(_file, _SCRIPTS)) + script)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(sheet, program)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", title),
        tag("style", sheet),
    )
    body = tag(
        "body",
        tag("a", "Skip to the content", class_="skip", href="#content"),
        tag("header", tag("h1", title), summary, class_="top"),
        _contents(sections),
        tag("main", *map(_section, sections), id="content"),
        tag("script", _as_data(data), type="application/json", id="data"),
        tag("script", program),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _contents(sections: Sequence[Section]) -> Markup:
    links = [tag("a", each.title, href=f"#{each.id}") for each in sections]
    return tag("nav", *links, class_="contents", aria_label="Sections")


def _section(section: Section) -> Markup:
    lead = tag("p", section.lead, class_="lead") if section.lead else ""
    title = tag("h2", section.title, id=f"{section.id}-title")
    content = joined((title, lead, section.body))
    return tag("section", content, id=section.id, aria_labelledby=f"{section.id}-title")


def _policy(sheet: str, program: str) -> str:
    """What the browser may do: run this script, use this sheet, and nothing else.

    Trusted types are off limits, so that no script can turn a string into HTML.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(program)}'",
            f"style-src '{_digest(sheet)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _as_data(data: Mapping[str, Any]) -> Markup:
    """JSON in which nothing can be read as HTML, in ASCII."""
    text = json.dumps(data, separators=(",", ":"))
    for letter, spelt in _MEANS_SOMETHING.items():
        text = text.replace(letter, spelt)
    return Markup(text)


def _inside(name: str, text: str) -> Markup:
    for refused in ("</", "<!--"):
        if refused in text:
            raise ValueError(f"the page's {name} holds {refused!r}, which a browser may end it at")
    return Markup(text)


def _file(name: str) -> str:
    return (files("transire.review.page") / name).read_text(encoding="utf-8")
