"""How AuthorizationPolicy compares texts and paths.

A star at an end of a value stands for anything; inside of one it is a star. Paths may be templates
instead: ``{*}`` is one segment that is not empty, and ``{**}`` at the end is everything below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from transire.flows.text_set import TextSet

_SEGMENT = re.compile(r"[-a-zA-Z0-9_.~%!$&'()+,;:@=]*")
ONE = "{*}"
REST = "{**}"


def text_fits(value: str, text: str) -> bool:
    """Whether a text is what a value stands for; `*` alone stands for what is not empty."""
    if value == "*":
        return bool(text)
    if value.startswith("*"):
        return text.endswith(value[1:])
    return text.startswith(value[:-1]) if value.endswith("*") else text == value


def text_set(value: str) -> TextSet:
    """The texts that a value stands for, as a set."""
    if value == "*":
        return TextSet.present() & ~TextSet.of([""])
    if value.startswith("*"):
        return TextSet.ending(value[1:])
    return TextSet.starting(value[:-1]) if value.endswith("*") else TextSet.of([value])


def is_template(path: str) -> bool:
    """Whether a path is a template, and not a text with a star at an end."""
    return ONE in path or REST in path


def template_fault(path: str) -> str:
    """Why a path is refused, or the empty string."""
    if not is_template(path):
        return f"{path[:80]!r} has a brace and is no template" if set("{}") & set(path) else ""
    if not path.startswith("/"):
        return f"{path[:80]!r} is a template without a slash in front"
    segments = path[1:].split("/")
    for place, segment in enumerate(segments):
        if segment == REST and place < len(segments) - 1:
            return f"{path[:80]!r} has {REST} before the end"
        if segment not in {ONE, REST} and _SEGMENT.fullmatch(segment) is None:
            return f"{path[:80]!r} has the segment {segment[:63]!r} beside templates"
    return ""


def _template_expression(path: str) -> str:
    segments = path[1:].split("/")
    wild = {ONE: "[^/]+", REST: ".*"}
    return "/" + "/".join(wild.get(each, re.escape(each)) for each in segments)


def path_fits(value: str, path: str) -> bool:
    """Whether a path without its query is what a value stands for."""
    if is_template(value):
        return re.fullmatch(_template_expression(value), path) is not None
    return text_fits(value, path)


def path_set(value: str) -> TextSet:
    """The paths that a value stands for, as a set."""
    return TextSet.matching(_template_expression(value)) if is_template(value) else text_set(value)


def any_fits(values: Iterable[str], text: str) -> bool:
    """Whether some value stands for a text."""
    return any(text_fits(each, text) for each in values)
