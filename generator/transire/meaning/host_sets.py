"""Which names the hosts of values files stand for, as exact sets.

Lowering, whose result is compared with these, never sees them.
"""

from __future__ import annotations

from collections.abc import Iterable

from transire.flows.host_set import HostSet, Wild
from transire.flows.patterns.globs import STAR, glob_parts
from transire.meaning.hosts import ANY_DEPTH, matches
from transire.model.names import HostPattern


def host_sets(patterns: Iterable[HostPattern]) -> HostSet:
    """The names that hosts of a values file stand for, exact ones taken together."""
    exact, wild = list[str](), list[HostSet]()
    for each in dict.fromkeys(patterns):
        if "*" in each.text:
            wild.append(host_set(each))
        else:
            exact.append(each.text)
    return HostSet.union([HostSet.exact(exact), *wild])


def host_set(pattern: HostPattern) -> HostSet:
    """The names that a host of a values file stands for."""
    if "*" not in pattern.text:
        return HostSet.exact([pattern.text])
    parts: list[str | Wild] = []
    for label in pattern.text.split("."):
        if parts:
            parts.append(".")
        if label == ANY_DEPTH:
            parts.append(Wild.LABELS)
        else:
            parts += [Wild.CHARS if part is STAR else part for part in glob_parts(label)]
    return HostSet.pattern(parts)


def covers(wide: HostPattern, narrow: HostPattern) -> bool:
    """Whether `wide` stands for every name that `narrow` stands for."""
    if not matches(wide, narrow.example()):
        return False
    return "*" not in narrow.text or host_set(narrow) <= host_set(wide)
