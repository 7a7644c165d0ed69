"""Two sets of objects side by side: structure counts, and order where it means something."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from transire.engines.api.policy_kinds import ordered_lists
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest, ObjectRef
from transire.review.diff.changes import ObjectChange

_CONTEXT = 3
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_FROM_THE_START = re.compile(r"@@ -[01]\b")
_WORDS = frozenset({"true", "false", "null"})

_Key = tuple[str, str, str, str]
"""Kind, namespace, name and API group, in the order that objects are shown."""


def object_changes(
    before: Iterable[Manifest], after: Iterable[Manifest]
) -> tuple[ObjectChange, ...]:
    """Every object that is on one side only or differs, sorted by kind, namespace and name.

    Keys and lists are sorted first, so that only a difference in structure is one. Rules keep their
    order where the first one that matches decides. Objects that one side has twice are shown as
    one after another.
    """
    return tuple(_changes(_by_key(before), _by_key(after)))


def _by_key(manifests: Iterable[Manifest]) -> dict[_Key, list[list[str]]]:
    found: dict[_Key, list[list[str]]] = {}
    for each in manifests:
        key = each.ref.kind, each.ref.namespace, each.ref.name, group_of(each)
        found.setdefault(key, []).append(_lines(each))
    return found


def _changes(
    then: Mapping[_Key, list[list[str]]], now: Mapping[_Key, list[list[str]]]
) -> Iterator[ObjectChange]:
    for key in sorted(then.keys() | now.keys()):
        old, new = (sorted(each.get(key, [])) for each in (then, now))
        if old == new:
            continue
        how = "changed" if old and new else "added" if new else "removed"
        kind, namespace, name, _ = key
        yield ObjectChange(
            how=how,
            object=ObjectRef(kind=kind, namespace=namespace, name=name),
            lines=tuple(_difference(_stream(old), _stream(new))),
        )


def _stream(objects: Iterable[list[str]]) -> list[str]:
    """The lines of all, with YAML's separator between two."""
    lines: list[str] = []
    for each in objects:
        lines += ["---", *each] if lines else each
    return lines


def _lines(manifest: Manifest) -> list[str]:
    return list(_put(_sorted(manifest.body, ordered_lists(manifest)), first="", rest=""))


def _sorted(tree: Any, ordered: frozenset[str], *, keep: bool = False) -> Any:  # noqa: ANN401 - a tree
    match tree:
        case Mapping():
            return {
                key: _sorted(tree[key], ordered, keep=key in ordered)
                for key in sorted(tree, key=_key)
            }
        case list():
            items = [_sorted(each, ordered) for each in tree]
            return items if keep else sorted(items, key=lambda each: list(_put(each, "", "")))
        case _:
            return tree


def _put(tree: Any, first: str, rest: str) -> Iterator[str]:  # noqa: ANN401 - a tree
    """Lines that read as YAML, the first after the text `first`, the others after `rest`."""
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            if isinstance(value, Mapping | list) and value:
                yield f"{first}{_key(key)}:"
                yield from _put(value, f"{rest}  ", f"{rest}  ")
            else:
                yield f"{first}{_key(key)}: {_scalar(value)}"
            first = rest
    elif isinstance(tree, list) and tree:
        for item in tree:
            yield from _put(item, f"{first}- ", f"{rest}  ")
            first = rest
    else:
        yield f"{first}{_scalar(tree)}"


def _key(key: object) -> str:
    plain = isinstance(key, str) and _PLAIN_KEY.fullmatch(key) and key not in _WORDS
    return str(key) if plain else _scalar(key)


def _scalar(value: object) -> str:
    """The value in JSON, where `null` is not `"null"`; what nobody can see as an escape."""
    if not isinstance(value, str | bool | int | float | None | list | dict):
        value = {type(value).__name__: str(value)}
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def _difference(old: list[str], new: list[str]) -> Iterator[str]:
    for place, line in enumerate(difflib.unified_diff(old, new, lineterm="", n=_CONTEXT)):
        # The first two lines name files. Later ones may begin like them.
        if place > 1 and not _FROM_THE_START.match(line):
            yield "" if line.startswith("@@") else line
