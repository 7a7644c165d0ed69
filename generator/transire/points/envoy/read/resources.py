"""Resources of Envoy in files: found by their name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from transire.points.envoy.read.tree import Branch

Opening = Callable[[Branch], Branch | None]
"""Gives the file that a source of configuration names; None, noted, where there is none."""


def name_of(tree: Branch) -> str:
    """The name that a mapping has, or the empty text."""
    name = tree.value.get("name") if isinstance(tree.value, Mapping) else None
    return name if isinstance(name, str) else ""


def resource(file: Branch, name: str, where: Branch) -> Branch | None:
    """The one resource of that name in a file; None, noted, where there is none."""
    items = file.of(where.listener).fields(("resources",), ("version_info",)).get("resources")
    found = [each for each in (items.items() if items else ()) if name_of(each) == name]
    if len(found) == 1:
        return found[0]
    where.note(f"{file.file} has not one resource {name}")
    return None
