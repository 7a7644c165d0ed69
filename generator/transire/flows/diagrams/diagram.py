"""Reduced ordered decision diagrams: exact sets over many variables, one form per set.

A diagram is False (nothing), True (everything) or a node: a variable and a function from its
values to diagrams over later variables. A node whose function is constant is never built and a
variable that does not matter is left out, so equal sets are equal diagrams. Sets that agree on
some part share it, and every operation looks at each pair of parts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias, final

from transire.flows.diagrams.axes import Variable
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.string_functions import AutomatonMap, FiniteMap
from transire.model.problems import SETS, Unjudgeable

Cells: TypeAlias = "FiniteMap[Diagram] | AutomatonMap[Diagram] | StepFunction[Diagram]"
"""What follows for each value of a variable."""


@final
class Node:
    """A variable, and what follows for each of its values; immutable."""

    __slots__ = ("_hash", "cells", "variable")

    def __init__(self, variable: Variable, cells: Cells) -> None:
        self.variable: Final = variable
        self.cells: Final = cells
        self._hash = hash((variable, cells))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and _same(self, other, set())

    def __reduce__(self) -> tuple[type[Node], tuple[Variable, Cells]]:
        return Node, (self.variable, self.cells)


Diagram = bool | Node


def _same(one: Diagram, other: Diagram, seen: set[tuple[int, int]]) -> bool:
    """Whether both are the same function; `seen` keeps shared parts from being walked again."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool) or hash(one) != hash(other):
        return False
    if (id(one), id(other)) in seen:
        return True
    if one.variable != other.variable or type(one.cells) is not type(other.cells):
        return False
    pairs = one.cells.pairs(other.cells)  # type: ignore[arg-type]
    if pairs is None:
        return False
    for mine, theirs in pairs:
        if not _same(mine, theirs, seen):
            return False
    seen.add((id(one), id(other)))
    return True


_MOST_KNOWN = 100_000
"""Nodes that are kept for others to share."""

_known: dict[Node, Node] = {}


def node(variable: Variable, cells: Cells) -> Diagram:
    """The diagram that tests `variable`, or just what follows where its value is irrelevant.

    Equal diagrams are mostly one, so that comparing them takes no walk.
    """
    sole = cells.sole()
    if sole is not None:
        return sole
    made = Node(variable, cells)
    found = _known.get(made)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[made] = made
    return found


def when(test: Cells, result: Diagram) -> Cells:
    """The function that is `result` where a test holds, else False."""
    return test.map(lambda hit: result if hit else False)


MOST_LOOKS = 300_000
"""How many parts one operation may look at, one met again counting again.

Patterns over several labels that overlap in every way come to so many states label by label.
"""


def _endless() -> Unjudgeable:
    return Unjudgeable(SETS, "size", "the rules overlap in too many ways to tell all cases apart")


class Operation:
    """Base of the operations: a memory of what was computed, and a bound on the work.

    The memory goes by identity, so it holds on to the operands: an identity that is free again
    would be given to another diagram.

    Raises:
        Unjudgeable: from a call that needs more than `limit` steps or nests too deep to follow.
    """

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._looks = MOST_LOOKS

    def _node(self, variable: Variable, cells: Cells) -> Diagram:
        self._left -= 1
        if self._left < 0:
            raise _endless()
        return node(variable, cells)

    def _look(self) -> None:
        self._looks -= 1
        if self._looks < 0:
            raise _endless()


class Union(Operation):
    """What is in any of the diagrams; takes all at once, so that building is near linear."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._memory: dict[frozenset[int], tuple[Diagram, list[Node]]] = {}

    def __call__(self, diagrams: Sequence[Diagram]) -> Diagram:
        """The union."""
        self._look()
        parts: dict[int, Node] = {}
        for each in diagrams:
            if each is True:
                return True
            if each is not False:
                parts[id(each)] = each
        if len(parts) < 2:  # noqa: PLR2004 - one is itself, none is nothing
            return next(iter(parts.values()), False)
        key = frozenset(parts)
        if key not in self._memory:
            united = list(parts.values())
            self._memory[key] = self._unite(united), united
        return self._memory[key][0]

    def _unite(self, parts: list[Node]) -> Diagram:
        variable = min(part.variable for part in parts)
        here = [part.cells for part in parts if part.variable == variable]
        later = [part for part in parts if part.variable != variable]
        cells = type(here[0]).union(here, later, self)  # type: ignore[arg-type]
        return self._node(variable, cells)


class Binary(Operation):
    """Base of the operations on two diagrams; `ends` decides where one of them is final."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._memory: dict[tuple[int, int], tuple[Diagram, Diagram, Diagram]] = {}

    @staticmethod
    def ends(one: Diagram, other: Diagram) -> Diagram | None:
        """The result where one of both decides it, else None."""
        raise NotImplementedError

    def __call__(self, one: Diagram, other: Diagram) -> Diagram:
        """The result for both."""
        self._look()
        ended = self.ends(one, other)
        if ended is not None:
            return ended
        key = id(one), id(other)
        if key not in self._memory:
            self._memory[key] = self._step(one, other), one, other
        return self._memory[key][0]

    def _step(self, one: Diagram, other: Diagram) -> Diagram:
        first = one.variable if isinstance(one, Node) else _LAST
        second = other.variable if isinstance(other, Node) else _LAST
        variable = min(first, second)
        cells: Cells
        if first == second:
            cells = one.cells.combine(other.cells, self)  # type: ignore[union-attr, arg-type]
        elif first == variable:
            cells = one.cells.map(lambda result: self(result, other))  # type: ignore[union-attr]
        else:
            cells = other.cells.map(lambda result: self(one, result))  # type: ignore[union-attr]
        return self._node(variable, cells)


_LAST: Variable = (1 << 30, "")


class Intersection(Binary):
    """What is in both diagrams."""

    @staticmethod
    def ends(one: Diagram, other: Diagram) -> Diagram | None:
        """The result where one of both decides it, else None."""
        if one is False or other is False:
            return False
        if one is True or one is other:
            return other
        return one if other is True else None


class Difference(Binary):
    """What is in the first diagram and not in the second."""

    @staticmethod
    def ends(one: Diagram, other: Diagram) -> Diagram | None:
        """The result where one of both decides it, else None."""
        if one is False or other is True or one is other:
            return False
        if other is False:
            return one
        return None


class Graft:
    """Puts `leaf` where a diagram is True, its variables moved by `shift` axes.

    The leaf's variables must all come later than the moved ones. It takes as many steps as the
    diagram has nodes, so it needs no bound.
    """

    def __init__(self, leaf: Diagram, shift: int = 0) -> None:
        self._leaf, self._shift = leaf, shift
        self._memory: dict[int, tuple[Diagram, Node]] = {}

    def __call__(self, diagram: Diagram) -> Diagram:
        """The diagram with leaf and shift applied."""
        if isinstance(diagram, bool):
            return self._leaf if diagram else False
        if self._leaf is True and not self._shift:
            return diagram
        if id(diagram) not in self._memory:
            axis, key = diagram.variable
            moved = node((axis + self._shift, key), diagram.cells.map(self))
            self._memory[id(diagram)] = moved, diagram
        return self._memory[id(diagram)][0]


class Projection(Operation):
    """The projection of a diagram onto the variables that `keeps` accepts."""

    def __init__(self, limit: int, keeps: Callable[[Variable], bool]) -> None:
        super().__init__(limit)
        self._keeps = keeps
        self._union = Union(limit)
        self._memory: dict[int, tuple[Diagram, Node]] = {}

    def __call__(self, diagram: Diagram) -> Diagram:
        """The projection."""
        if isinstance(diagram, bool):
            return diagram
        if id(diagram) not in self._memory:
            if self._keeps(diagram.variable):
                found = self._node(diagram.variable, diagram.cells.map(self))
            else:
                found = self._union([self(result) for result in diagram.cells.results])
            self._memory[id(diagram)] = found, diagram
        return self._memory[id(diagram)][0]


def variables(diagram: Diagram) -> Iterable[Variable]:
    """Every variable that a diagram tests, in order."""
    met: set[Variable] = set()
    seen: set[int] = set()
    todo = [diagram]
    while todo:
        each = todo.pop()
        if isinstance(each, Node) and id(each) not in seen:
            seen.add(id(each))
            met.add(each.variable)
            todo.extend(each.cells.results)
    return sorted(met)
