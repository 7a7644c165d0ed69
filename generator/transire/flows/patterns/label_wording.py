"""Tests on one text, such as a label, in words."""

from __future__ import annotations

from transire.flows.diagrams.diagram import Diagram
from transire.flows.diagrams.string_functions import AutomatonMap, StringFunction
from transire.flows.patterns.glob_union import as_globs, as_regex


def shown(key: str, test: StringFunction[Diagram]) -> str:
    """What a test demands of the text called `key`, absence included."""
    if isinstance(test, AutomatonMap):
        return _like(key, test)
    values = sorted(value for value in test.exceptions if value is not None)
    odd = None in test.exceptions
    if test.default is False:
        return _among(key, values, absent=odd)
    return _beside(key, values, absent=not odd)


def _among(key: str, values: list[str], *, absent: bool) -> str:
    if not values:
        return f"!{key}"
    some = f"{key}={values[0]}" if len(values) == 1 else f"{key} in ({', '.join(values)})"
    return f"!{key} or {some}" if absent else some


def _beside(key: str, values: list[str], *, absent: bool) -> str:
    if not values:
        return key
    none = f"{key}!={values[0]}" if len(values) == 1 else f"{key} not in ({', '.join(values)})"
    return none if absent else f"{key} and {none}"


def _like(key: str, test: AutomatonMap[Diagram]) -> str:
    globs = as_globs(test.machine)
    if globs is None:
        some = f"{key} matching {as_regex(test.machine)}"
    else:
        some = f"{key} like {_list(globs.union)}"
        if globs.apart:
            some += f" but not {_list(globs.apart)}"
    return f"!{key} or {some}" if test.absent else some


def _list(globs: tuple[str, ...]) -> str:
    return globs[0] if len(globs) == 1 else f"({', '.join(globs)})"
