r"""Printing: the one place where text from files meets a terminal.

Names and texts come from manifests, charts, registries and Git, so from whoever wrote those. A
terminal obeys control characters, and a direction mark makes a line read as another one. So none of
them is ever printed: text shows an escape such as `\x1b`, JSON has its own `\u001b`, and lines end
where we end them.
"""

from __future__ import annotations

import re
import sys

import click

from transire.cli import colour, line
from transire.model.problems import escaped

_JSON = frozenset({"json", "sarif"})
_PAGES = frozenset({"html"})
_NO_LETTERS = re.compile(r"[^\n\t]")


def say(text: str, *, form: str = "text", err: bool = False) -> None:
    """Print text with a line's end, unless it has one; `form` is what `--format` was given.

    Of an empty text nothing is printed.
    """
    line.end()
    shown = seen(text, form)
    if form == "text" and colour.wanted(sys.stderr if err else sys.stdout):
        shown = colour.painted(shown)
    click.echo(shown, err=err, nl=bool(text) and not text.endswith("\n"))


def stream(text: str, *, form: str = "text") -> None:
    """Print to standard output what is a part of many; it is not flushed."""
    line.end()
    shown = seen(text, form)
    if form == "text" and colour.wanted(sys.stdout):
        shown = colour.painted(shown)
    sys.stdout.write(shown)


def head(text: str) -> None:
    """Print the first line of a table."""
    line.end()
    shown = seen(text)
    click.echo(colour.heading(shown) if colour.wanted(sys.stdout) else shown)


def data(text: str) -> None:
    """Print a document that other programs read: as it is to them, as text to a terminal."""
    line.end()
    click.echo(seen(text) if sys.stdout.isatty() else text, nl=not text.endswith("\n"))


def seen(text: str, form: str = "text") -> str:
    """The text with an escape for each character that shows nothing, or moves others."""
    if form in _PAGES or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    if form in _JSON:
        return _NO_LETTERS.sub(_in_json, text)
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in text.split("\n"))


def tolerate_other_encodings() -> None:
    """Let streams that cannot print a letter print its escape."""
    for each in (sys.stdout, sys.stderr):
        reconfigure = getattr(each, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _in_json(found: re.Match[str]) -> str:
    letter = found[0]
    if letter.isprintable():
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2] for place in range(0, len(units), 2))
    return "".join(f"\\u{int.from_bytes(each):04x}" for each in pairs)
