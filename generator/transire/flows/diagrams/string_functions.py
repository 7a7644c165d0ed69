"""Functions of strings with finitely many results.

A function that is constant but for a few strings is a `FiniteMap`, every other one an
`AutomatonMap`. So each function has exactly one form, and equal functions compare equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, Literal

from transire.flows.diagrams.automaton import (
    MOST_STRINGS,
    Automaton,
    MappedT,
    ResultT,
    product,
    trie,
)
from transire.model.problems import SETS, Unjudgeable

_FEW_PAIRS = 64
"""Pairs of groups that are compared as sets; beyond, strings are taken one by one."""


Values = frozenset[str | None]
"""Strings, and None for absence, that have one result."""


def _in_order(values: Values) -> Iterable[str | None]:
    """The strings in one order, whatever order a set has, so that every run takes equal steps."""
    return sorted(values, key=lambda each: (each is not None, each or ""))


class FiniteMap(Generic[ResultT]):
    """A function of strings that is `default` but for finitely many of them.

    The value None stands for absence, such as a label that a pod does not have. Strings with one
    result are kept together: names beside each other mostly lead to the same, and sets of them are
    compared much faster than each of them.

    Raises:
        Unjudgeable: when built with more strings than an automaton would be built for.
    """

    __slots__ = ("_exceptions", "_hash", "default", "groups")

    def __init__(
        self,
        default: ResultT,
        exceptions: Mapping[str | None, ResultT],
        groups: dict[ResultT, Values] | None = None,
    ) -> None:
        if groups is None:
            gathered: dict[ResultT, list[str | None]] = {}
            for value, result in exceptions.items():
                gathered.setdefault(result, []).append(value)
            groups = {result: frozenset(values) for result, values in gathered.items()}
        groups.pop(default, None)
        if sum(map(len, groups.values())) > MOST_STRINGS:
            raise Unjudgeable(SETS, "size", f"more than {MOST_STRINGS} names stand side by side")
        self.default = default
        self.groups: Mapping[ResultT, Values] = groups
        self._exceptions: dict[str | None, ResultT] | None = None
        self._hash = hash((default, frozenset(groups.items())))

    @classmethod
    def grouped(
        cls, default: ResultT, groups: Iterable[tuple[ResultT, Values]]
    ) -> FiniteMap[ResultT]:
        """The function with these results for these strings, no string in two groups."""
        gathered: dict[ResultT, Values] = {}
        for result, values in groups:
            known = gathered.get(result)
            gathered[result] = values if known is None else known | values
        return cls(default, {}, gathered)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(
        self,
    ) -> tuple[type[FiniteMap[ResultT]], tuple[ResultT, dict[str | None, ResultT]]]:
        return FiniteMap, (self.default, self.exceptions)

    @property
    def exceptions(self) -> dict[str | None, ResultT]:
        """The result of each string that has another than the default."""
        if self._exceptions is None:
            self._exceptions = {
                value: result
                for result, values in self.groups.items()
                for value in _in_order(values)
            }
        return self._exceptions

    def at(self, value: str | None) -> ResultT:
        """The result for `value`."""
        return self.exceptions.get(value, self.default)

    @property
    def results(self) -> Iterable[ResultT]:
        """Every result."""
        return (self.default, *self.groups)

    def sole(self) -> ResultT | None:
        """The result where it is the same for every value."""
        return None if self.groups else self.default

    def map(self, change: Callable[[ResultT], MappedT]) -> FiniteMap[MappedT]:
        """This function, then `change`."""
        changed = [(change(result), values) for result, values in self.groups.items()]
        return FiniteMap.grouped(change(self.default), changed)

    def combine(
        self, other: StringFunction[ResultT], merge: Callable[[ResultT, ResultT], ResultT]
    ) -> StringFunction[ResultT]:
        """The function whose result is the merge of both results, value by value."""
        if isinstance(other, AutomatonMap):
            return self.patterned(other.machine).combine(other, merge)
        default = merge(self.default, other.default)
        if len(self.groups) * len(other.groups) > _FEW_PAIRS:
            return FiniteMap(default, dict(self._one_by_one(other, merge)))
        return FiniteMap.grouped(default, self._group_by_group(other, merge))

    def _group_by_group(
        self, other: FiniteMap[ResultT], merge: Callable[[ResultT, ResultT], ResultT]
    ) -> Iterator[tuple[ResultT, Values]]:
        left = dict(other.groups)
        for result, values in self.groups.items():
            rest = values
            for theirs, others in left.items():
                both = rest & others
                if both:
                    yield merge(result, theirs), both
                    rest -= both
                    left[theirs] = others - both
            if rest:
                yield merge(result, other.default), rest
        for theirs, values in left.items():
            if values:
                yield merge(self.default, theirs), values

    def _one_by_one(
        self, other: FiniteMap[ResultT], merge: Callable[[ResultT, ResultT], ResultT]
    ) -> Iterator[tuple[str | None, ResultT]]:
        mine, theirs = self.exceptions, other.exceptions
        for value, result in mine.items():
            yield value, merge(result, theirs.get(value, other.default))
        for value, result in theirs.items():
            if value not in mine:
                yield value, merge(self.default, result)

    @staticmethod
    def union(
        parts: Sequence[StringFunction[ResultT]],
        constants: Sequence[ResultT],
        unite: Callable[[Sequence[ResultT]], ResultT],
    ) -> StringFunction[ResultT]:
        """The function that unites the results of all parts and the constants.

        Only parts that are not False somewhere are looked at there, so that many disjoint sets
        of names cost no more than their size.
        """
        patterned = [part for part in parts if isinstance(part, AutomatonMap)]
        plain = [part for part in parts if isinstance(part, FiniteMap)]
        whole: StringFunction[ResultT] = FiniteMap._union_plain(plain, constants, unite)
        for part in patterned:
            whole = whole.combine(part, lambda one, other: unite([one, other]))
        return whole

    @staticmethod
    def _union_plain(
        parts: Sequence[FiniteMap[ResultT]],
        constants: Sequence[ResultT],
        unite: Callable[[Sequence[ResultT]], ResultT],
    ) -> FiniteMap[ResultT]:
        if len(parts) == 1 and parts[0].default is False:
            [part] = parts
            return FiniteMap.grouped(
                unite(constants),
                [(unite([*constants, result]), values) for result, values in part.groups.items()],
            )
        gathered: dict[str | None, list[ResultT]] = {}
        for part in parts:
            for result, values in part.groups.items():
                for value in _in_order(values):
                    gathered.setdefault(value, []).append(result)
        wide = [part for part in parts if part.default is not False]
        merged: dict[str | None, ResultT] = {}
        for value, results in gathered.items():
            others = [part.default for part in wide if value not in part.exceptions]
            merged[value] = unite([*constants, *others, *results])
        return FiniteMap(unite([*constants, *(part.default for part in wide)]), merged)

    def patterned(self, like: Automaton[ResultT]) -> AutomatonMap[ResultT]:
        """The same function as an automaton over the strings of another one."""
        strings = {value: result for value, result in self.exceptions.items() if value is not None}
        empty = like.rows[0].output is not None
        machine = trie(self.default, strings, like.alphabet, empty=empty)
        return AutomatonMap(self.at(None), machine)

    def pairs(self, other: FiniteMap[ResultT]) -> Iterator[tuple[ResultT, ResultT]] | None:
        """The results to compare, group by group; None where the groups differ already."""
        theirs = {values: result for result, values in other.groups.items()}
        same = [(self.default, other.default)]
        for result, values in self.groups.items():
            if values not in theirs:
                return None
            same.append((result, theirs[values]))
        return iter(same) if len(theirs) == len(self.groups) else None


class AutomatonMap(Generic[ResultT]):
    """A function of strings that an automaton computes; None, for absence, stands apart."""

    __slots__ = ("_hash", "absent", "machine")

    def __init__(self, absent: ResultT, machine: Automaton[ResultT]) -> None:
        self.absent = absent
        self.machine = machine
        shape = [(row.output, row.default, frozenset(row.edges.items())) for row in machine.rows]
        self._hash = hash((absent, tuple(shape)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[AutomatonMap[ResultT]], tuple[ResultT, Automaton[ResultT]]]:
        return AutomatonMap, (self.absent, self.machine)

    def at(self, value: str | None) -> ResultT | Literal[False]:
        """The result for `value`, False where such a string cannot occur."""
        if value is None:
            return self.absent
        result = self.machine.at(value)
        return False if result is None else result

    @property
    def results(self) -> Iterable[ResultT]:
        """Every result, some perhaps more than once."""
        return (self.absent, *self.machine.outputs())

    def sole(self) -> ResultT | None:
        """None: a constant function is no automaton."""
        return None

    def map(self, change: Callable[[ResultT], MappedT]) -> StringFunction[MappedT]:
        """This function, then `change`."""
        return string_function(change(self.absent), self.machine.map(change))

    def combine(
        self, other: StringFunction[ResultT], merge: Callable[[ResultT, ResultT], ResultT]
    ) -> StringFunction[ResultT]:
        """The function whose result is the merge of both results, value by value."""
        theirs = other if isinstance(other, AutomatonMap) else other.patterned(self.machine)
        machine = product(self.machine, theirs.machine, merge)
        return string_function(merge(self.absent, theirs.absent), machine)

    union = staticmethod(FiniteMap.union)

    def pairs(self, other: AutomatonMap[ResultT]) -> Iterator[tuple[ResultT, ResultT]] | None:
        """The results to compare, state by state; None where the automata differ already."""
        mine, theirs = self.machine.rows, other.machine.rows
        if len(mine) != len(theirs):
            return None
        same = [(self.absent, other.absent)]
        for one, two in zip(mine, theirs, strict=True):
            if (one.edges, one.default) != (two.edges, two.default):
                return None
            if one.output is not None and two.output is not None:
                same.append((one.output, two.output))
            elif one.output is not two.output:
                return None
        return iter(same)


StringFunction = FiniteMap[ResultT] | AutomatonMap[ResultT]


def string_function(absent: ResultT, machine: Automaton[ResultT]) -> StringFunction[ResultT]:
    """The function in its one form: a `FiniteMap` wherever that can be."""
    found = machine.exceptions()
    if found is None:
        return AutomatonMap(absent, machine)
    default, strings = found
    exceptions: dict[str | None, ResultT] = {None: absent}
    exceptions.update(strings)
    return FiniteMap(default, exceptions)
