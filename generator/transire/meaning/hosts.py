"""Which names the hosts of values files stand for, one name at a time.

The grammar is that of `transire.model.names`. Every engine has one of its own, and what the two
have in common is for lowering to know. As exact sets they are in `transire.meaning.host_sets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.flows.patterns.globs import glob_matches
from transire.model.names import HostKind, HostPattern

ANY_DEPTH = "**"
"""The first label of a pattern that stands for names at any depth."""


def matches(pattern: HostPattern, name: str) -> bool:
    """Whether a lower-case name without a trailing dot is one that the pattern stands for."""
    if "*" not in pattern.text:
        return pattern.text == name
    labels, parts = name.split("."), pattern.text.split(".")
    if parts[0] == ANY_DEPTH:
        below = len(labels) - len(parts) + 1
        if below < 1:
            return False
        labels, parts = labels[below:], parts[1:]
    return bool(name) and len(labels) == len(parts) and all(map(_label_matches, parts, labels))


def _label_matches(part: str, label: str) -> bool:
    return bool(label) and glob_matches(part, label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcards:
    """Patterns with wildcards, arranged so that those for a name are found at once."""

    by_domain: frozenset[HostPattern]
    """Those whose one wildcard is the whole first label."""
    others: tuple[HostPattern, ...]
    """All others, sorted."""

    @classmethod
    def of(cls, patterns: Iterable[HostPattern]) -> Wildcards:
        """The wildcards among these patterns."""
        wild = {each for each in patterns if each.kind is not HostKind.EXACT}
        by_domain = {HostKind.ONE_LABEL, HostKind.ANY_DEPTH}
        return cls(
            by_domain=frozenset(each for each in wild if each.kind in by_domain),
            others=tuple(sorted(each for each in wild if each.kind not in by_domain)),
        )

    def matching(self, name: str) -> Iterator[HostPattern]:
        """The wildcards that stand for a name, the nearest domain first."""
        _, *labels = name.split(".")
        above = [".".join(labels[place:]) for place in range(len(labels))]
        texts = [f"*.{each}" for each in above[:1]] + [f"{ANY_DEPTH}.{each}" for each in above]
        yield from (each for each in map(HostPattern, texts) if each in self.by_domain)
        yield from (each for each in self.others if matches(each, name))
