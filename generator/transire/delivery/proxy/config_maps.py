"""The configuration of a proxy in ConfigMaps, none of them more than the API server takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import takewhile

from transire.points.api.written import PointRefusal
from transire.points.envoy.facts import ADDRESSES, BOOTSTRAP, LISTENERS
from transire.yamlio import Block, YamlTree

MOST_BYTES = 900_000
"""Bytes of the data of one ConfigMap: the API server takes one mebibyte, all else included."""

_MOST_PARTS = 64
_FIXED = {"bootstrap": (BOOTSTRAP, ADDRESSES), "listeners": (LISTENERS,)}

ConfigMap = Mapping[str, YamlTree]


def config_maps(files: Mapping[str, str]) -> Iterator[ConfigMap]:
    """The files, each by its name alone in one of as few ConfigMaps for lists as can be.

    So a new list moves no other one until there are too many, and starts no pod anew.
    """
    for part, names in _FIXED.items():
        yield _config_map(part, {name: files[name] for name in names if name in files})
    lists = _lists(files)
    parts = _parts(lists)
    for number in range(parts):
        held = {name: text for name, text in lists.items() if _place(name, parts) == number}
        yield _config_map(f"lists-{number}", held)


def size_refusals(files: Mapping[str, str]) -> Iterator[PointRefusal]:
    """Lists that no ConfigMap holds."""
    lists = _lists(files)
    large = [name for name, text in lists.items() if len(name) + len(text) > MOST_BYTES]
    for name in large:
        yield PointRefusal(
            rule=name.removeprefix("list-").removesuffix(".json"),
            id="proxy-list-size",
            why=f"its list has {len(lists[name])} bytes, and a ConfigMap holds {MOST_BYTES}",
            remedy="write wildcards where whole domains are meant, or rules for some pods of the "
            "namespace, which have a list of their own",
        )
    if not large and max(_sizes(lists, _parts(lists)), default=0) > MOST_BYTES:
        yield PointRefusal(
            rule="lists",
            id="proxy-list-size",
            why=f"all lists have {sum(map(len, lists.values()))} bytes, and {_MOST_PARTS} "
            f"ConfigMaps do not hold them with {MOST_BYTES} each",
            remedy="write wildcards where whole domains are meant",
        )


def _lists(files: Mapping[str, str]) -> Mapping[str, str]:
    fixed = {name for names in _FIXED.values() for name in names}
    return {name: text for name, text in sorted(files.items()) if name not in fixed}


def _config_map(part: str, files: Mapping[str, str]) -> ConfigMap:
    return {"part": part, "data": {name: Block(text) for name, text in sorted(files.items())}}


def _parts(lists: Mapping[str, str]) -> int:
    """How many ConfigMaps the lists need, a power of two."""
    powers = [1 << exponent for exponent in range(_MOST_PARTS.bit_length())]
    too_few = takewhile(lambda parts: max(_sizes(lists, parts)) > MOST_BYTES, powers)
    return powers[min(len(list(too_few)), len(powers) - 1)]


def _sizes(lists: Mapping[str, str], parts: int) -> list[int]:
    sizes = [0] * parts
    for name, text in lists.items():
        sizes[_place(name, parts)] += len(name) + len(text)
    return sizes


def _place(name: str, parts: int) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % parts
