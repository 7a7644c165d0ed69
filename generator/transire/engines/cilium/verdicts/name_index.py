"""Patterns of names arranged so that the ones for a name are found at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from transire.engines.cilium.objects.fqdn import NamePattern

_Value = TypeVar("_Value")
_Placed = tuple[int, NamePattern, _Value]
_FEW = 4
"""So many ends are quicker to try than the labels of a name are to go through."""


@dataclass(frozen=True, slots=True, eq=False)
class NameIndex(Generic[_Value]):
    """What is kept for patterns; of two that match, the one that was given first counts."""

    exact: Mapping[str, _Value]
    """By the one name that a pattern without wildcards matches."""
    tails: Mapping[str, tuple[_Placed[_Value], ...]]
    """Patterns with wildcards, with their places, by the plain labels at their end."""

    @classmethod
    def of(cls, entries: Iterable[tuple[NamePattern, _Value]]) -> NameIndex[_Value]:
        """The index of these patterns."""
        exact: dict[str, _Value] = {}
        tails: dict[str, list[_Placed[_Value]]] = {}
        for place, (pattern, value) in enumerate(entries):
            name = pattern.exact
            if name is None:
                tails.setdefault(_tail(pattern), []).append((place, pattern, value))
            else:
                exact.setdefault(name, value)
        return cls(exact, {tail: tuple(each) for tail, each in tails.items()})

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self.exact or self.tails)

    def wild(self, name: str) -> _Value | None:
        """What is kept for the first pattern with wildcards that matches."""
        best: _Placed[_Value] | None = None
        few = len(self.tails) <= _FEW
        for tail, placed in self.tails.items() if few else self._ending(name):
            if name.endswith(tail):
                for each in placed:
                    if (best is None or each[0] < best[0]) and each[1].matches(name):
                        best = each
                        break
        return best[2] if best else None

    def _ending(self, name: str) -> Iterator[tuple[str, tuple[_Placed[_Value], ...]]]:
        """The patterns for each end of a name."""
        tail = name
        while True:
            placed = self.tails.get(tail)
            if placed:
                yield tail, placed
            if not tail:
                return
            tail = tail.partition(".")[2]


def _tail(pattern: NamePattern) -> str:
    labels = list(pattern.labels)
    wild = [place for place, label in enumerate(labels) if "*" in label]
    return ".".join(labels[wild[-1] + 1 :] if wild else labels)
