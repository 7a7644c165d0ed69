"""What every exact set of the model can do: the six operations, over a diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self, TypeVar

from transire.flows.diagrams.diagram import Binary, Diagram, Difference, Intersection, Union
from transire.model.problems import SETS, Unjudgeable

T = TypeVar("T")


def judged(operation: Callable[[], T]) -> T:
    """The result of `operation`.

    Raises:
        Unjudgeable: if the diagrams nest deeper than can be followed.
    """
    try:
        return operation()
    except RecursionError:
        raise Unjudgeable(
            SETS, "depth", "the rules test too many labels one after another"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactSet:
    """An immutable set with one form: equal sets compare, hash and print equally.

    `|`, `&`, `-` and `~` give sets of the same kind, `<=` is inclusion, and a set is true when it
    is not empty. Every operation raises `Unjudgeable` rather than run away on hostile sets.
    """

    diagram: Diagram

    limit: ClassVar[int] = 4_000
    """Steps that one operation may take."""

    @classmethod
    def nothing(cls) -> Self:
        """The empty set."""
        return cls(diagram=False)

    @classmethod
    def everything(cls) -> Self:
        """The set of all values."""
        return cls(diagram=True)

    @classmethod
    def union(cls, sets: Iterable[Self]) -> Self:
        """What is in any of `sets`; much faster than uniting one after another."""
        diagrams = {id(each.diagram): each.diagram for each in sets if each.diagram is not False}
        if len(diagrams) < 2:  # noqa: PLR2004 - one is itself, none is nothing
            return cls(diagram=next(iter(diagrams.values()), False))
        return cls(diagram=_united(cls.limit, tuple(diagrams.values())))

    def __or__(self, other: Self) -> Self:
        return self.union((self, other))

    def __and__(self, other: Self) -> Self:
        return self._both(Intersection, other)

    def __sub__(self, other: Self) -> Self:
        return self._both(Difference, other)

    def __invert__(self) -> Self:
        return self.everything() - self

    def __le__(self, other: Self) -> bool:
        return self.diagram is False or (self - other).diagram is False

    def __lt__(self, other: Self) -> bool:
        return self <= other and self != other

    def __ge__(self, other: Self) -> bool:
        return other <= self

    def __gt__(self, other: Self) -> bool:
        return other < self

    def __bool__(self) -> bool:
        return self.diagram is not False

    def is_empty(self) -> bool:
        """Whether nothing is in the set."""
        return self.diagram is False

    def is_disjoint(self, other: Self) -> bool:
        """Whether no value is in both."""
        return (self & other).is_empty()

    def _both(self, operation: type[Binary], other: Self) -> Self:
        found = operation.ends(self.diagram, other.diagram)
        if found is None:
            make: Callable[[int], Binary] = operation
            found = _combined(make, self.limit, self.diagram, other.diagram)
        return type(self)(diagram=found)


_KEPT = 2_048
"""Results that are kept: targets of one cluster need the same parts one after another."""


@lru_cache(maxsize=_KEPT)
def _united(limit: int, diagrams: tuple[Diagram, ...]) -> Diagram:
    return judged(lambda: Union(limit)(diagrams))


@lru_cache(maxsize=_KEPT)
def _combined(
    operation: Callable[[int], Binary], limit: int, one: Diagram, other: Diagram
) -> Diagram:
    return judged(lambda: operation(limit)(one, other))
