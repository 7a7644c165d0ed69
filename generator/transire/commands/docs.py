"""`docs`: the documentation that comes with the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from transire.model.problems import UsageError

_OTHERS = frozenset({"adr", "examples", "guides"})
"""Folders for those who work on the program itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the documentation: its name, its first heading, and its text as Markdown."""

    name: str
    title: str
    text: str

    def __repr__(self) -> str:
        return f"<Page {self.name}>"


def docs(name: str | None = None) -> tuple[Page, ...]:
    """Every page of the documentation, sorted by name, or the one that is named.

    Raises:
        UsageError: if there is no such page.
    """
    pages = tuple(_pages())
    if name is None:
        return pages
    wanted = name.removeprefix("docs/").removesuffix(".md").removesuffix("/README")
    found = tuple(each for each in pages if each.name == wanted)
    if not found:
        names = ", ".join(each.name for each in pages)
        raise UsageError(f"there is no page {name!r}; the pages are {names}")
    return found


def _pages() -> Iterator[Page]:
    folder = _folder()
    for path in sorted(folder.rglob("*.md")):
        relative = path.relative_to(folder)
        if _OTHERS.isdisjoint(relative.parts):
            text = path.read_text(encoding="utf-8")
            heading = next((line for line in text.splitlines() if line.startswith("# ")), "")
            name = relative.with_suffix("").as_posix().removesuffix("/README")
            yield Page(name=name, title=heading.removeprefix("# "), text=text)


def _folder() -> Path:
    packaged = Path(str(files("transire"))) / "scaffold/docs"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "docs"
