"""Paths as regular expressions over what Squid compares: the path and its query, decoded once."""

from __future__ import annotations

import re

from transire.model.http import BELOW, ONE_SEGMENT, PathPattern

_QUERY = "([?].*)?"

UNCLEAR = (r"^[^?]*/[.][.]?$", r"^[^?]*/[.][.]?[/?]", "^[^?]*//", r"^[^?]*\\", "^[^?]*%00")
"""Paths that are not normalised, which no rule with paths lets through: origins differ on them."""


def path_expression(pattern: PathPattern) -> str:
    """The expression of paths that the pattern stands for, with any query or none."""
    *before, last = pattern.segments
    start = "".join(f"/{_segment(each)}" for each in before)
    if last == BELOW:
        return f"^{start}/.*$"
    return f"^{start}/{_segment(last)}{_QUERY}$"


def _segment(segment: str) -> str:
    if segment == ONE_SEGMENT:
        return "[^/?]+"
    return re.sub(r"[^A-Za-z0-9_~-]", r"\\\g<0>", segment)
