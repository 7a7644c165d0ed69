"""A diagram taken apart into disjoint paths, each a set of values for some of its variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from transire.flows.diagrams.axes import PAST, Variable
from transire.flows.diagrams.diagram import Cells, Diagram, Difference, Node, node, when
from transire.flows.diagrams.string_functions import AutomatonMap, FiniteMap

LIMIT: Final = 200_000

Path = tuple[tuple[Variable, Cells], ...]
"""Tests on variables in their order, that all must hold; a variable left out may be anything."""


def paths(diagram: Diagram) -> Iterator[Path]:
    """Paths that make up a diagram; they may overlap where that makes them shorter."""
    yield from _below(diagram, (), Parts(disjoint=False))


def _below(diagram: Diagram, path: Path, parts: Parts) -> Iterator[Path]:
    if diagram is True:
        yield path
    elif isinstance(diagram, Node):
        for test, rest in parts.of(diagram):
            more = () if test.sole() is True else ((diagram.variable, test),)
            yield from _below(rest, (*path, *more), parts)


class Parts:
    """Takes nodes apart, one test after another; into overlapping parts where not `disjoint`."""

    def __init__(self, *, disjoint: bool = True) -> None:
        self._minus = Difference(LIMIT)
        self._disjoint = disjoint

    def of(self, at: Node) -> list[tuple[Cells, Diagram]]:
        """Tests on a node's variable and what follows where they hold.

        What follows for the usual value is given once for all values for which it holds too, and
        for each of the others only what it has beyond that.
        """
        groups = _groups(at.cells)
        usual = _usual(at.variable, at.cells)
        if usual is False:
            return [(test, result) for result, test in groups.items() if result is not False]
        found = []
        shared = groups[usual]
        for result, test in groups.items():
            if result == usual or result is False:
                continue
            if self._minus(usual, result) is False:
                overlaps = result is True and not self._disjoint
                found.append((test, result if overlaps else self._minus(result, usual)))
                shared = _either(shared, test)
            else:
                found.append((test, result))
        return [(shared, usual), *found]


def _either(one: Cells, other: Cells) -> Cells:
    return one.combine(other, lambda mine, theirs: mine or theirs)  # type: ignore[arg-type]


def _usual(variable: Variable, cells: Cells) -> Diagram:
    """The result of the values that nothing singles out."""
    if isinstance(cells, FiniteMap):
        return cells.default
    if isinstance(cells, AutomatonMap):
        state, passed = 0, set[int]()
        while state not in passed:
            passed.add(state)
            state = cells.machine.rows[state].default
        output = cells.machine.rows[state].output
        return False if output is None else output
    ends = (*cells.starts[1:], PAST[variable[0]])
    widths = [past - start for start, past in zip(cells.starts, ends, strict=True)]
    return cells.results[widths.index(max(widths))]


def _groups(cells: Cells) -> dict[Diagram, Cells]:
    """For each result the test that is true where it is the result."""
    if isinstance(cells, FiniteMap):
        values: dict[Diagram, list[str | None]] = {}
        for value, result in cells.exceptions.items():
            values.setdefault(result, []).append(value)
        usual: Cells = FiniteMap(True, dict.fromkeys(cells.exceptions, False))
        groups: dict[Diagram, Cells] = {cells.default: usual}
        for result, those in values.items():
            groups[result] = FiniteMap(False, dict.fromkeys(those, True))
        return groups
    found: dict[Diagram, Cells] = {}
    for result in cells.results:
        if result not in found:
            found[result] = _where(cells, result)
    return found


def _where(cells: Cells, result: Diagram) -> Cells:
    return cells.map(lambda each: each == result)


def joined(path: Path, shift: int = 0) -> Diagram:
    """The diagram of one path, its axes moved by `shift`."""
    found: Diagram = True
    for (axis, key), test in reversed(path):
        found = node((axis + shift, key), when(test, found))
    return found
