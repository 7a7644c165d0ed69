"""Walking objects that may hold anything anywhere, by JSON pointer.

Whoever looks for a trap takes what has the right type and passes over the rest: what is malformed
is refused by the API server, and reported as that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from transire.k8s.manifests import Tree
from transire.k8s.typed_decoding import pointer

PlacedTree = tuple[str, Tree]
"""A mapping with the JSON pointer that leads to it."""

NOTHING: Tree = {}


def inner(tree: Tree, *keys: str) -> Tree:
    """The mapping below these keys, or an empty one."""
    for key in keys:
        below = tree.get(key)
        tree = below if isinstance(below, Mapping) else NOTHING
    return tree


def items(tree: Tree, key: str) -> Sequence[Any]:
    """The list below the key, or an empty one."""
    found = tree.get(key)
    return found if isinstance(found, list | tuple) else ()


def is_empty_list(tree: Tree, key: str) -> bool:
    """Whether the key is there with an empty list."""
    found = tree.get(key)
    return isinstance(found, list | tuple) and not found


def is_null(tree: Tree, key: str) -> bool:
    """Whether the key is there with nothing behind it."""
    return key in tree and tree[key] is None


def maps(tree: Tree, key: str, at: str) -> Iterator[PlacedTree]:
    """The mappings in the list below the key, with their pointers."""
    for place, each in enumerate(items(tree, key)):
        if isinstance(each, Mapping):
            yield f"{at}{pointer(key, place)}", each


def texts(tree: Tree, key: str, at: str) -> Iterator[tuple[str, str]]:
    """The strings in the list below the key, with their pointers."""
    for place, each in enumerate(items(tree, key)):
        if isinstance(each, str):
            yield f"{at}{pointer(key, place)}", each


def text(tree: Tree, key: str) -> str:
    """The string below the key, or the empty string."""
    found = tree.get(key)
    return found if isinstance(found, str) else ""


def number(tree: Tree, key: str) -> int | None:
    """The whole number below the key, or None."""
    found = tree.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def steps(path: str) -> list[str]:
    """The keys and places of a JSON pointer."""
    return [each.replace("~1", "/").replace("~0", "~") for each in path.split("/")[1:]]


def shape_of(path: str) -> list[str]:
    """The keys of a JSON pointer without the places in lists."""
    return [each for each in steps(path) if not each.isdigit()]


def without(tree: Tree, paths: Iterable[str]) -> Tree:
    """The tree without the keys that the pointers name; what is on their way is copied once."""
    copies: dict[tuple[str, ...], Any] = {(): dict(tree)}
    for path in paths:
        *way, last = ["", *steps(path)]
        holder = copies[()]
        for place in range(1, len(way)):
            holder = _copied(copies, holder, tuple(way[1 : place + 1]))
        if isinstance(holder, dict):
            holder.pop(last, None)
    return copies[()]  # type: ignore[no-any-return]


def _copied(copies: dict[tuple[str, ...], Any], holder: object, way: tuple[str, ...]) -> object:
    """What stands at the last step of the way, as a copy of its own in its holder."""
    if way not in copies:
        below = _follow(holder, way[-1:])
        if isinstance(below, Mapping):
            below = dict(below)
        elif isinstance(below, list | tuple):
            below = list(below)
        if isinstance(holder, dict) and way[-1] in holder:
            holder[way[-1]] = below
        elif isinstance(holder, list) and below is not None:
            holder[int(way[-1])] = below
        copies[way] = below
    return copies[way]


def plain(tree: Any) -> Any:  # noqa: ANN401 - a tree of JSON
    """A copy made of dictionaries and lists."""
    if isinstance(tree, Mapping):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [plain(each) for each in tree]
    return tree


def find(tree: Any, path: str) -> Any:  # noqa: ANN401 - a tree of JSON
    """What a pointer leads to, or None."""
    return _follow(tree, steps(path))


def _follow(tree: Any, way: Iterable[str]) -> Any:  # noqa: ANN401 - a tree of JSON
    for step in way:
        if isinstance(tree, Mapping):
            tree = tree.get(step)
        elif isinstance(tree, list | tuple) and step.isdigit() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return tree
