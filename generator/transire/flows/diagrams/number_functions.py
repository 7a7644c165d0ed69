"""Functions of whole numbers that are constant on finitely many ranges."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT", bound=Hashable)
MappedT = TypeVar("MappedT", bound=Hashable)


class StepFunction(Generic[ResultT]):
    """A function of 0, 1, 2, ...: `results[i]` from `starts[i]` up to the next start.

    Canonical: the first start is 0 and neighbours differ, so equal functions compare equal.
    """

    __slots__ = ("_hash", "results", "starts")

    def __init__(self, steps: Iterable[tuple[int, ResultT]]) -> None:
        starts: list[int] = []
        results: list[ResultT] = []
        for start, result in steps:
            if not results or result != results[-1]:
                starts.append(start)
                results.append(result)
        self.starts, self.results = tuple(starts), tuple(results)
        self._hash = hash((self.starts, self.results))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[StepFunction[ResultT]], tuple[list[tuple[int, ResultT]]]]:
        return StepFunction, (list(zip(self.starts, self.results, strict=True)),)

    def at(self, value: int) -> ResultT:
        """The result for `value`."""
        return self.results[bisect_right(self.starts, value) - 1]

    def sole(self) -> ResultT | None:
        """The result where it is the same for every value."""
        return self.results[0] if len(self.results) == 1 else None

    def map(self, change: Callable[[ResultT], MappedT]) -> StepFunction[MappedT]:
        """This function, then `change`."""
        changed = []
        for start, result in zip(self.starts, self.results, strict=True):
            changed.append((start, change(result)))
        return StepFunction(changed)

    def combine(
        self, other: StepFunction[ResultT], merge: Callable[[ResultT, ResultT], ResultT]
    ) -> StepFunction[ResultT]:
        """The function whose result is the merge of both results, value by value."""
        steps = []
        mine = theirs = 0
        at = 0
        while True:
            steps.append((at, merge(self.results[mine], other.results[theirs])))
            next_mine = self.starts[mine + 1] if mine + 1 < len(self.starts) else None
            next_theirs = other.starts[theirs + 1] if theirs + 1 < len(other.starts) else None
            if next_mine is None and next_theirs is None:
                return StepFunction(steps)
            if next_theirs is None or (next_mine is not None and next_mine <= next_theirs):
                at = next_mine  # type: ignore[assignment]
                mine += 1
                theirs += next_mine == next_theirs
            else:
                at = next_theirs
                theirs += 1

    @staticmethod
    def union(
        parts: Sequence[StepFunction[ResultT]],
        constants: Sequence[ResultT],
        unite: Callable[[Sequence[ResultT]], ResultT],
    ) -> StepFunction[ResultT]:
        """The function that unites the results of all parts and the constants.

        One sweep over the starts, looking only at the parts that are not False there, so that
        many disjoint ranges cost no more than their number.
        """
        events = sorted(
            (start, index, place)
            for index, part in enumerate(parts)
            for place, start in enumerate(part.starts)
        )
        live: dict[int, ResultT] = {}
        steps: list[tuple[int, ResultT]] = []
        for position, (start, index, place) in enumerate(events):
            result = parts[index].results[place]
            if result is False:
                live.pop(index, None)
            else:
                live[index] = result
            if position + 1 == len(events) or events[position + 1][0] != start:
                steps.append((start, unite([*constants, *live.values()])))
        return StepFunction(steps)

    def spans(self, past: int) -> Iterator[tuple[int, int, ResultT]]:
        """Each range as its first and last value and the result, up to `past` and without it."""
        ends = (*self.starts[1:], past)
        for start, end, result in zip(self.starts, ends, self.results, strict=True):
            yield start, end - 1, result

    def pairs(self, other: StepFunction[ResultT]) -> Iterator[tuple[ResultT, ResultT]] | None:
        """The results to compare, place by place; None where the starts differ already."""
        if self.starts != other.starts:
            return None
        return zip(self.results, other.results, strict=True)
