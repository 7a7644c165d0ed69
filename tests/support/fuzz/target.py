"""What a target is: a way in, its examples, and a defect that it has to find."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.paths import TESTS

CORPUS = TESTS / "cases/fuzz"
"""Inputs that are kept, a folder for each target."""


class Wrong(Exception):  # noqa: N818 - what the program is where this is raised
    """Two ways to one result differ."""


def same(one: object, other: object, what: str) -> None:
    """Hold two results against each other.

    Raises:
        Wrong: if they differ.
    """
    if one != other:
        raise Wrong(f"{what}: {one!r} and {other!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A defect to put into the program: `broken` makes the wrong function of the right one.

    `where` is `module:name`, or `module:Class.name` for a method.
    """

    where: str
    broken: Callable[[Callable[..., Any]], Callable[..., Any]]

    def put(self) -> Callable[[], None]:
        """Put it in place; what is returned takes it out again."""
        module, _, path = self.where.partition(":")
        *outer, name = path.split(".")
        holder: Any = importlib.import_module(module)
        for each in outer:
            holder = getattr(holder, each)
        written = vars(holder)[name]
        method = isinstance(written, classmethod)
        broken: Any = self.broken(written.__func__ if method else written)
        setattr(holder, name, classmethod(broken) if method else broken)
        return lambda: setattr(holder, name, written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One way into the program; `run` takes any bytes."""

    name: str
    run: Callable[[bytes], None]
    plant: Plant

    @property
    def folder(self) -> Path:
        """Where its corpus is."""
        return CORPUS / self.name

    @property
    def planted(self) -> bytes:
        """An input that shows the defect."""
        return (CORPUS / "planted" / self.name).read_bytes()

    def inputs(self) -> Iterator[tuple[str, bytes]]:
        """The corpus, by the names of its files."""
        for path in sorted(self.folder.iterdir()):
            yield path.name, path.read_bytes()
