"""Cilium's patterns of host names, which mean something else by release.

Source: `pkg/fqdn/matchpattern`. `*` stands for zero or more characters and never for a dot; from
1.19 a leading `**.` stands for one or more labels, before it is the same as `*.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from transire.flows.diagrams.axes import HOST_LETTERS, MOST_LABELS
from transire.flows.host_set import HostSet, NamePatterns, Names, Wild, as_set
from transire.flows.patterns.globs import STAR, glob_matches, glob_parts

ANY_DEPTH_SINCE = 19
"""The minor release that brought `**.`."""

_STARS = re.compile(r"\*+")
_ALL = re.compile(r"\*+\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePattern:
    """Names that an entry of `toFQDNs`, `rules.dns` or `serverNames` matches.

    `key` is what the agent compares entries by: the text as written.
    """

    key: str
    everything: bool = field(default=False, compare=False)
    any_depth: bool = field(default=False, compare=False)
    labels: tuple[str, ...] = field(default=(), compare=False)
    """From the left, in lower case, each run of stars made one; none is the root."""
    exact: str | None = field(init=False, compare=False)
    """The one name that it matches, if it has no wildcard."""
    is_possible: bool = field(init=False, compare=False)
    """Whether a host name could match, by its length and its characters."""

    def __post_init__(self) -> None:
        """Compute once whether it has a wildcard, and whether a name could match."""
        name = ".".join(self.labels)
        wild = self.everything or self.any_depth or "*" in name
        possible = len(self.labels) <= MOST_LABELS and all(map(_is_label, self.labels))
        object.__setattr__(self, "exact", None if wild else name or ".")
        object.__setattr__(self, "is_possible", possible)

    @classmethod
    def of(cls, text: str, *, minor: int) -> NamePattern:
        """The pattern that a `matchName` or a `matchPattern` writes in release 1.`minor`."""
        return _pattern(text, minor)

    def matches(self, name: str) -> bool:
        """Whether a name in lower case without trailing dot is matched; `.` is the root."""
        if self.everything:
            return True
        seen = [] if name == "." else name.split(".")
        more = len(seen) - len(self.labels)
        if more < self.any_depth or (more and not self.any_depth):
            return False
        return all(map(glob_matches, self.labels, seen[more:]))

    @property
    def parts(self) -> Sequence[str | Wild] | None:
        """The pattern of its names; None where the root is among them, or none is possible."""
        if self.everything or not self.is_possible or self.exact == ".":
            return None
        if self.exact is not None:
            return (self.exact,)
        parts: list[str | Wild] = [Wild.LABELS] if self.any_depth else []
        for place, label in enumerate(self.labels):
            if place or self.any_depth:
                parts.append(".")
            parts += _parts(label)
        return parts

    def hosts(self) -> HostSet:
        """The same names as a set; the root is in it where everything is."""
        return hosts_of([self])


@lru_cache(maxsize=4_096)
def _pattern(text: str, minor: int) -> NamePattern:
    """One target names a host in several places."""
    lower = text.lower()
    labels = lower.removesuffix(".").split(".") if lower.strip(".") else []
    if "*" not in lower:
        return NamePattern(key=text, labels=tuple(labels))
    if lower == "*" or (minor >= ANY_DEPTH_SINCE and _ALL.fullmatch(lower)):
        return NamePattern(key=text, everything=True)
    first = labels[0] if labels else ""
    deep = minor >= ANY_DEPTH_SINCE and len(labels) > 1 and len(first) > 1 and not first.strip("*")
    rest = labels[1:] if deep else labels
    if "**" in lower:
        rest = [_STARS.sub("*", each) for each in rest]
    return NamePattern(key=text, any_depth=deep, labels=tuple(rest))


def names_of(patterns: Iterable[NamePattern]) -> Names:
    """The names that any of these matches, as patterns unless the root may be among them."""
    found: list[Sequence[str | Wild]] = []
    root = HostSet.nothing()
    for each in patterns:
        if each.everything:
            return _ALL_NAMES
        if each.exact == "." and each.is_possible:
            root = HostSet.root()
        elif each.parts is not None:
            found.append(each.parts)
    names = NamePatterns.of(found)
    return names.hosts() | root if root else names


def hosts_of(patterns: Iterable[NamePattern]) -> HostSet:
    """The same as a set."""
    return as_set(names_of(patterns))


_ALL_NAMES = HostSet.everything() | HostSet.root()


def example_of(text: str) -> str:
    """A name that a text matches, whatever the release: `a` for each run of stars."""
    return _STARS.sub("a", text)


def _is_label(pattern: str) -> bool:
    return bool(pattern) and not pattern.strip(f"{HOST_LETTERS}*")


def _parts(label: str) -> Sequence[str | Wild]:
    return [Wild.CHARS if part is STAR else part for part in glob_parts(label)]
