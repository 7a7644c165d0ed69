"""Functions of strings with finitely many results.

A function that is constant but for finitely many strings is a `Choice`, every other one is
`Patterned`; so each function has exactly one form, and equal functions compare equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transire.model.diagram import Diagram


class Choice:
    """A function of strings that is `default` but for finitely many of them.

    The value None stands for absence, such as a label that a pod does not have.
    """

    __slots__ = ("_hash", "default", "exceptions")

    def __init__(self, default: Diagram, exceptions: Mapping[str | None, Diagram]) -> None:
        self.default = default
        self.exceptions = {
            value: result for value, result in exceptions.items() if result != default
        }
        self._hash = hash((default, frozenset(self.exceptions.items())))

    def __hash__(self) -> int:
        return self._hash

    def at(self, value: str | None) -> Diagram:
        """The result for `value`."""
        return self.exceptions.get(value, self.default)

    @property
    def results(self) -> Iterable[Diagram]:
        """Every result, some perhaps more than once."""
        return (self.default, *self.exceptions.values())

    def sole(self) -> Diagram | None:
        """The result where it is the same for every value."""
        return None if self.exceptions else self.default

    def map(self, change: Callable[[Diagram], Diagram]) -> Choice:
        """This function, then `change`."""
        changed: dict[str | None, Diagram] = {}
        for value, result in self.exceptions.items():
            changed[value] = change(result)
        return Choice(change(self.default), changed)

    def combine(self, other: Choice, merge: Callable[[Diagram, Diagram], Diagram]) -> Choice:
        """The function whose result is the merge of both results, value by value."""
        mine, theirs = self.exceptions, other.exceptions
        merged: dict[str | None, Diagram] = {}
        for value, result in mine.items():
            merged[value] = merge(result, theirs.get(value, other.default))
        for value, result in theirs.items():
            if value not in mine:
                merged[value] = merge(self.default, result)
        return Choice(merge(self.default, other.default), merged)

    @staticmethod
    def union(
        parts: Sequence[Choice],
        constants: Sequence[Diagram],
        unite: Callable[[Sequence[Diagram]], Diagram],
    ) -> Choice:
        """The function that unites the results of all parts and the constants.

        Only parts that are not False somewhere are looked at there, so that many disjoint sets
        of names cost no more than their size.
        """
        gathered: dict[str | None, list[Diagram]] = {}
        for part in parts:
            for value, result in part.exceptions.items():
                gathered.setdefault(value, []).append(result)
        wide = [part for part in parts if part.default is not False]
        merged: dict[str | None, Diagram] = {}
        for value, results in gathered.items():
            others = [part.default for part in wide if value not in part.exceptions]
            merged[value] = unite([*constants, *others, *results])
        return Choice(unite([*constants, *(part.default for part in wide)]), merged)

    def pairs(self, other: Choice) -> Iterator[tuple[Diagram, Diagram]] | None:
        """The results to compare, value by value; None where the values differ already."""
        theirs = other.exceptions
        if self.exceptions.keys() != theirs.keys():
            return None
        same = [(self.default, other.default)]
        same.extend((result, theirs[value]) for value, result in self.exceptions.items())
        return iter(same)
