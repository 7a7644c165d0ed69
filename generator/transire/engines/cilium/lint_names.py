"""Cilium's patterns of host names, as far as lint compares them.

`*` stands for zero or more characters and never for a dot; since 1.19 a leading `**.` stands for
one or more labels. Source: `pkg/fqdn/matchpattern`.
"""

from __future__ import annotations

import re

from transire.model.names import HostPattern

ANY_DEPTH_SINCE = 19
"""The minor release that brought `**.`."""

_STARS = re.compile(r"\*+")


def is_everything(pattern: str, minor: int) -> bool:
    """Whether a pattern in lower case, without a trailing dot, stands for every name."""
    return pattern == "*" or (minor >= ANY_DEPTH_SINCE and bool(pattern) and not pattern.strip("*"))


def matches(pattern: str, name: str, minor: int) -> bool:
    """Whether a pattern, both in lower case and without a trailing dot, matches a name."""
    if is_everything(pattern, minor):
        return True
    first, dot, rest = pattern.partition(".")
    if minor >= ANY_DEPTH_SINCE and dot and len(first) > 1 and not first.strip("*"):
        return HostPattern(f"**.{_STARS.sub('*', rest)}").matches(name)
    return HostPattern(_STARS.sub("*", pattern)).matches(name)


def example_of(pattern: str) -> str:
    """A name that the pattern matches, whatever the release; the text itself has none to show."""
    return _STARS.sub("a", pattern)
