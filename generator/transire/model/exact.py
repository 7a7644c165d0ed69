"""What every exact set of the model can do: the six operations, over a diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from transire.model.diagram import Binary, Diagram, Difference, Intersection, Union
from transire.model.problems import Unjudgeable

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
            "set of flows", "depth", "the rules test too many labels one after another"
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
        diagrams = [each.diagram for each in sets]
        return cls(diagram=judged(lambda: Union(cls.limit)(diagrams)))

    def __or__(self, other: Self) -> Self:
        return self.union((self, other))

    def __and__(self, other: Self) -> Self:
        return self._both(Intersection(self.limit), other)

    def __sub__(self, other: Self) -> Self:
        return self._both(Difference(self.limit), other)

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

    def _both(self, operation: Binary, other: Self) -> Self:
        return type(self)(diagram=judged(lambda: operation(self.diagram, other.diagram)))
