"""A plain example of what a diagram holds: the shortest names and the best known numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from itertools import count, product
from types import MappingProxyType
from typing import Final

from transire.flows.diagrams.automaton import Automaton
from transire.flows.diagrams.axes import IPV6_FIRST, PAST, Axis, Variable
from transire.flows.diagrams.diagram import Diagram, Node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.string_functions import FiniteMap, StringFunction

Value = int | str | None
Picks = dict[Variable, Value]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

_LIKELY: Final[Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {
        Axis.ADDRESS: (
            (203 << 24) + (113 << 8) + 10,
            (10 << 24) + 10,
            IPV6_FIRST + (0x20010DB8 << 96) + 10,
        ),
        Axis.PROTOCOL: (6, 17),
        Axis.PORT: (443, 80, 53, 8080),
    }
)
"""Numbers that a person would think of first; 203.0.113.10 and 2001:db8::a are for documents."""

METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
"""Methods that a person would think of first."""

_WORDS: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        Axis.NAMESPACE: ("default",),
        Axis.PEER_NAMESPACE: ("default",),
        Axis.ACCOUNT: ("default",),
        Axis.PEER_ACCOUNT: ("default",),
        Axis.METHOD: METHODS,
        Axis.PATH: ("/",),
        Axis.HTTP_HOST: ("example.com",),
    }
)
_FIRST_LABELS: Final = {1: ("com",), 2: ("example",)}


def picks(diagram: Diagram) -> Picks | None:
    """Values of the variables that matter for one member; None where there is none.

    Always the same for the same set: the least cost wins, and of equals the first in order.
    """
    if diagram is False:
        return None
    search = _Search()
    found: Picks = {}
    while isinstance(diagram, Node):
        _, value, diagram_next = search.best(diagram)
        found[diagram.variable] = value
        diagram = diagram_next
    return found


_Choice = tuple[int, Value, Diagram]


class _Search:
    def __init__(self) -> None:
        self._memory: dict[int, _Choice] = {}

    def best(self, at: Node) -> _Choice:
        """The least cost of a member, the value to take here for it, and what follows."""
        found = self._memory.get(id(at))
        if found is None:
            options = [
                (cost + self._cost(rest), value, rest)
                for cost, value, rest in _options(at)
                if rest is not False
            ]
            found = self._memory[id(at)] = min(options, key=lambda option: option[0])
        return found

    def _cost(self, diagram: Diagram) -> int:
        return self.best(diagram)[0] if isinstance(diagram, Node) else 0


def _options(at: Node) -> Iterator[_Choice]:
    """A value for each result, with what it costs to see it in an example."""
    axis = at.variable[0]
    if not isinstance(at.cells, StepFunction):
        yield from _text_options(at.variable, at.cells)
        return
    likely = _LIKELY.get(axis, ())
    for place, number in enumerate(likely):
        yield place, number, at.cells.at(number)
    for first, _, result in at.cells.spans(PAST[axis]):
        yield len(likely) + (first > 0), first, result


def _text_options(variable: Variable, cells: StringFunction[Diagram]) -> Iterator[_Choice]:
    if variable[0] not in _ALWAYS:
        yield 0, None, cells.at(None)
    named = cells.exceptions if isinstance(cells, FiniteMap) else _shortest(cells.machine)
    for value in sorted(each for each in named if each is not None):
        yield _weight(value), value, named[value]
    if isinstance(cells, FiniteMap):
        other = next(each for each in _words(variable) if each not in cells.exceptions)
        yield _weight(other), other, cells.default


_ALWAYS: Final = frozenset({Axis.NAMESPACE, Axis.ACCOUNT, Axis.PEER_NAMESPACE, Axis.PEER_ACCOUNT})


def _weight(text: str) -> int:
    odd = sum(not each.isalpha() for each in text)
    return 100 + len(text) + odd


def _words(variable: Variable) -> Iterator[str]:
    """Texts in the order in which they look natural for a variable, without end."""
    axis, key = variable
    if isinstance(key, int):
        yield from _FIRST_LABELS.get(key, ())
    yield from _WORDS.get(axis, ())
    for length in count(1):
        for letters in product(_LETTERS, repeat=length):
            yield "".join(letters)


def _shortest(machine: Automaton[Diagram]) -> dict[str | None, Diagram]:
    """For each result a shortest text that has it, of letters where that can be."""
    found: dict[Diagram, str] = {}
    seen: set[int] = set()
    queue = [(0, "", 0)]
    while queue:
        cost, text, state = heappop(queue)
        if state in seen:
            continue
        seen.add(state)
        output, edges, default = machine.rows[state]
        if output is not None:
            found.setdefault(output, text)
        other = next((each for each in _letters(machine) if each not in edges), None)
        following = [*edges.items(), *([(other, default)] if other is not None else [])]
        for each, to in following:
            heappush(queue, (cost + (1 if each.islower() else 2), text + each, to))
    return {text: result for result, text in found.items()}


def _letters(machine: Automaton[Diagram]) -> Iterator[str]:
    yield from _LETTERS
    yield from machine.alphabet or map(chr, count(0x21))


def name_of(values: Picks, axis: Axis = Axis.HOST) -> str | None:
    """The name that the labels picked on an axis make up; None for the root or none."""
    labels = []
    for place in count(1):
        label = values.get((axis, place))
        if not isinstance(label, str):
            break
        labels.append(label)
    if labels == ["com"] and (axis, 2) not in values:
        labels.append("example")
    return ".".join(reversed(labels)) or None
