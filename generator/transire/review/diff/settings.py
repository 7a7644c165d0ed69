"""Settings of the platform that differ, under the keys of its values file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from transire.model.intent import Platform
from transire.review.diff.change import Setting

_HUMP = re.compile("_([a-z])")
_NAMED = {"release": "engine", "network_pod_cidrs": "podCIDRs", "server_names": "hardening.sni"}
_BY_NAME = frozenset({"clusters", "everyone"})


def settings(before: Platform, after: Platform) -> tuple[Setting, ...]:
    """Every setting that is not the same on both sides, sorted by name; absence is empty."""
    then, now = dict(_flat("", before)), dict(_flat("", after))
    return tuple(
        Setting(name=name, before=then.get(name, ""), after=now.get(name, ""))
        for name in sorted(then.keys() | now.keys())
        if then.get(name, "") != now.get(name, "")
    )


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any part of it
    """The names and texts of all that the value is made of."""
    match value:
        case _ if is_dataclass(value) and type(value).__str__ is object.__str__:
            for field in fields(value):
                if field.compare:
                    yield from _flat(_join(name, field.name), getattr(value, field.name))
        case Mapping():
            for key in value:
                yield from _flat(_join(name, str(key)), value[key])
        case tuple() if name in _BY_NAME:
            for each in value:
                yield from _flat(_join(name, each.name), each)
        case tuple() | frozenset():
            texts = [_text(each) for each in value]
            yield name, ", ".join(texts if isinstance(value, tuple) else sorted(texts))
        case None:
            yield name, ""
        case _:
            yield name, _text(value)


def _text(value: Any) -> str:  # noqa: ANN401 - any part of it
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        return " ".join(text for _, text in _flat("", value) if text)
    if isinstance(value, tuple):
        return "=".join(map(_text, value))
    return str(value)


def _join(name: str, key: str) -> str:
    key = _NAMED.get(key, _HUMP.sub(lambda hump: hump[1].upper(), key))
    return f"{name}.{key}" if name else key
