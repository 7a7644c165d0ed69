"""Which names the hosts of values files stand for: one name at a time, and as exact sets.

The grammar is that of `transire.model.names`. Every engine has one of its own, and what the two
have in common is for lowering to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.flows.host_set import HostSet, Wild
from transire.flows.patterns.globs import STAR, glob_matches, glob_parts
from transire.model.names import HostKind, HostPattern

_ANY_DEPTH = "**"


def matches(pattern: HostPattern, name: str) -> bool:
    """Whether a lower-case name without a trailing dot is one that the pattern stands for."""
    if "*" not in pattern.text:
        return pattern.text == name
    labels, parts = name.split("."), pattern.text.split(".")
    if parts[0] == _ANY_DEPTH:
        below = len(labels) - len(parts) + 1
        if below < 1:
            return False
        labels, parts = labels[below:], parts[1:]
    return bool(name) and len(labels) == len(parts) and all(map(_label_matches, parts, labels))


def _label_matches(part: str, label: str) -> bool:
    return bool(label) and glob_matches(part, label)


def covers(wide: HostPattern, narrow: HostPattern) -> bool:
    """Whether `wide` stands for every name that `narrow` stands for."""
    if not matches(wide, narrow.example()):
        return False
    return "*" not in narrow.text or host_set(narrow) <= host_set(wide)


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
        texts = [f"*.{each}" for each in above[:1]] + [f"{_ANY_DEPTH}.{each}" for each in above]
        yield from (each for each in map(HostPattern, texts) if each in self.by_domain)
        yield from (each for each in self.others if matches(each, name))


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
        if label == _ANY_DEPTH:
            parts.append(Wild.LABELS)
        else:
            parts += [Wild.CHARS if part is STAR else part for part in glob_parts(label)]
    return HostSet.pattern(parts)
