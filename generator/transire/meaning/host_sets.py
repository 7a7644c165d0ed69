"""Which names the hosts of values files stand for, as exact sets.

Lowering, whose result is compared with these, never sees them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from transire.flows.diagrams.axes import HOST_LETTERS
from transire.flows.host_set import HostSet, NamePatterns, Wild
from transire.flows.patterns.globs import STAR, glob_parts
from transire.meaning.hosts import ANY_DEPTH, matches
from transire.model.names import HostPattern


def host_names(patterns: Iterable[HostPattern]) -> NamePatterns:
    """The names that hosts of a values file stand for."""
    return NamePatterns.of(map(_parts, patterns))


def host_sets(patterns: Iterable[HostPattern]) -> HostSet:
    """The names that hosts of a values file stand for, as a set."""
    return host_names(patterns).hosts()


def host_set(pattern: HostPattern) -> HostSet:
    """The names that a host of a values file stands for."""
    return host_sets([pattern])


@lru_cache(maxsize=4_096)
def _parts(pattern: HostPattern) -> tuple[str | Wild, ...]:
    """The literal text and the wildcards of a host; one target names it in several places."""
    if "*" not in pattern.text:
        return (pattern.text,)
    parts: list[str | Wild] = []
    for label in pattern.text.split("."):
        if parts:
            parts.append(".")
        if label == ANY_DEPTH:
            parts.append(Wild.LABELS)
        else:
            parts += [Wild.CHARS if part is STAR else part for part in glob_parts(label)]
    return tuple(parts)


def covers(wide: HostPattern, narrow: HostPattern) -> bool:
    """Whether `wide` stands for every name that `narrow` stands for.

    A character that `wide` does not write is matched by a star of it alone, and what a star matches
    may be anything: so one name decides, in which that character stands for each star of `narrow`.
    """
    if not matches(wide, narrow.example()):
        return False
    if "*" not in narrow.text:
        return True
    if narrow.text.startswith(ANY_DEPTH) and not wide.text.startswith(ANY_DEPTH):
        return False
    unwritten = next((each for each in HOST_LETTERS if each not in wide.text), None)
    if unwritten is None:
        return host_set(narrow) <= host_set(wide)
    return matches(wide, narrow.text.replace(ANY_DEPTH, "*").replace("*", unwritten))
