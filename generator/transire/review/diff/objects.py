"""Two sets of objects side by side: structure counts, and order where it means something."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from transire.model.manifests import Manifest, ObjectRef
from transire.model.served_kinds import group_of
from transire.review.diff.change import ObjectChange
from transire.yamlio import write

_CONTEXT = 3
_ORDERED = frozenset({"ingress", "egress"})
"""Lists of a Calico policy whose first matching item decides."""


def object_changes(
    before: Iterable[Manifest], after: Iterable[Manifest]
) -> tuple[ObjectChange, ...]:
    """Every object that is on one side only or differs, sorted by kind, namespace and name.

    Keys and lists are sorted first, so that only a difference in structure is one. The rules of a
    Calico policy keep their order, because there the first one that matches decides.
    """
    then, now = _by_name(before), _by_name(after)
    return tuple(_changes(then, now))


_Key = tuple[str, str, str, str]


def _by_name(manifests: Iterable[Manifest]) -> dict[_Key, Manifest]:
    return {
        (group_of(each), each.ref.kind, each.ref.namespace, each.ref.name): each
        for each in manifests
    }


def _changes(then: Mapping[_Key, Manifest], now: Mapping[_Key, Manifest]) -> Iterator[ObjectChange]:
    for key in sorted(then.keys() | now.keys(), key=lambda each: each[1:]):
        old, new = then.get(key), now.get(key)
        lines = tuple(_difference(_lines(old), _lines(new)))
        if lines:
            how = "changed" if old and new else "added" if new else "removed"
            _, kind, namespace, name = key
            ref = ObjectRef(kind=kind, namespace=namespace, name=name)
            yield ObjectChange(how=how, object=ref, lines=lines)


def _lines(manifest: Manifest | None) -> list[str]:
    if manifest is None:
        return []
    ordered = _ORDERED if group_of(manifest) == "projectcalico.org" else frozenset[str]()
    return write(_sorted(manifest.body, ordered)).splitlines()


def _sorted(tree: Any, ordered: frozenset[str], *, keep: bool = False) -> Any:  # noqa: ANN401 - a tree
    match tree:
        case Mapping():
            return {
                key: _sorted(tree[key], ordered, keep=key in ordered)
                for key in sorted(tree, key=str)
            }
        case list():
            items = [_sorted(each, ordered) for each in tree]
            return (
                items if keep else sorted(items, key=lambda each: json.dumps(each, sort_keys=True))
            )
        case str() | bool() | int():
            return tree
        case _:
            # Nothing of ours holds a null or a fraction; what others wrote must still be told
            # apart from text.
            return f"({type(tree).__name__}) {tree}"


def _difference(old: list[str], new: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(old, new, lineterm="", n=_CONTEXT):
        if line.startswith(("---", "+++")):
            continue
        yield "" if line.startswith("@@") else line
