"""Sets of host names in the patterns that people write.

`*` is one label or part of one, `**` one or more labels. What equals no union of such patterns is
written as patterns and what is left out of them: ``*.example.com except bad.example.com``. Boxes of
one set of flows share names, and are shown more than once, so the last few are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from transire.flows.diagrams.automaton import Automaton
from transire.flows.diagrams.axes import HOST_LETTERS, MOST_LABELS, Axis
from transire.flows.diagrams.diagram import (
    Cells,
    Diagram,
    Difference,
    Intersection,
    Node,
    Operation,
    Union,
    node,
    when,
)
from transire.flows.diagrams.string_functions import (
    AutomatonMap,
    FiniteMap,
    StringFunction,
    string_function,
)
from transire.flows.patterns.glob_union import as_globs, as_regex
from transire.flows.patterns.globs import STAR, glob

_LIMIT: Final = 100_000
_END: Final[Cells] = FiniteMap(False, {None: True})
_MORE: Final[StringFunction[Diagram]] = FiniteMap(True, {None: False})


_Shown = tuple[str, ...]
"""The labels of a pattern from the right, as people see them."""


class _Term(NamedTuple):
    """One pattern from some place on: its labels from the right, as shown and as tests."""

    shown: _Shown = ()
    tests: tuple[StringFunction[Diagram], ...] = ()

    def below(self, shown: str, test: StringFunction[Diagram]) -> _Term:
        """The pattern with one more label to its right."""
        return _Term((shown, *self.shown), (test, *self.tests))

    def names(self) -> Diagram:
        """What the pattern stands for, where it is a whole one."""
        after = len(self.tests) + 1
        open_ended = self.shown[-1:] == ("**",) or after > MOST_LABELS
        found: Diagram = True if open_ended else node((Axis.HOST, after), _END)
        for place in range(len(self.tests), 0, -1):
            found = node((Axis.HOST, place), when(self.tests[place - 1], found))
        return found


_WHOLE: Final = _Term()
_BELOW: Final = _WHOLE.below("**", _MORE)


@lru_cache(maxsize=1_024)
def patterns(names: Diagram) -> tuple[str, ...]:
    """The patterns whose union a diagram over host labels is, ordered by their right ends."""
    wide = _Cover(_LIMIT)(names)
    surplus = Difference(_LIMIT)(wide, names)
    found = []
    for labels, terms in sorted(_gathered(_Terms().of(wide, 1)).items()):
        shown = ".".join(reversed(labels)) or "."
        left_out = _within(terms, surplus)
        apart = [f"({each})" if " except " in each else each for each in patterns(left_out)]
        found.append(f"{shown} except {' and '.join(apart)}" if apart else shown)
    return tuple(found)


def _within(terms: Sequence[_Term], surplus: Diagram) -> Diagram:
    if surplus is False:
        return False
    return Intersection(_LIMIT)(Union(_LIMIT)([term.names() for term in terms]), surplus)


def _gathered(terms: Iterable[_Term]) -> dict[_Shown, list[_Term]]:
    """The terms by what is shown of them, where any number of labels is one ``**``.

    A gap of any length, as in ``api.**.example.com``, comes as one term for each length, up to
    the longest name that can be.
    """
    found = {term.shown: [term] for term in terms}
    again = any(len(shown) == MOST_LABELS for shown in found)
    while again:
        again = False
        for (right, left), lengths in _runs(found).items():
            most = MOST_LABELS - len(right) - len(left)
            least = most
            while least - 1 in lengths:
                least -= 1
            if most in lengths and least < most:
                members = [lengths[length] for length in range(least, most + 1)]
                merged = (*right, *("*",) * (least - 1), "**", *left)
                found[merged] = [term for shown in members for term in found.pop(shown)]
                again = True
                break
    return found


def _runs(found: Iterable[_Shown]) -> dict[tuple[_Shown, _Shown], dict[int, _Shown]]:
    """The runs of single labels, by what is to their right and left, then by their length."""
    runs: dict[tuple[_Shown, _Shown], dict[int, _Shown]] = {}
    for shown in found:
        at = 0
        for is_run, labels in groupby(shown, lambda label: label == "*"):
            length = len(list(labels))
            if is_run:
                key = shown[:at], shown[at + length :]
                runs.setdefault(key, {})[length] = shown
            at += length
    return runs


class _Cover(Operation):
    """The names with each label that a test singles out allowed all that any label is."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._union = Union(limit)
        self._memory: dict[int, tuple[Diagram, Node]] = {}

    def __call__(self, diagram: Diagram) -> Diagram:
        """The widened names."""
        if not isinstance(diagram, Node):
            return diagram
        if id(diagram) not in self._memory:
            cells = diagram.cells.map(self)
            if isinstance(cells, FiniteMap):
                usual = cells.default
                wider = {
                    label: self._union([result, usual]) if label is not None else result
                    for label, result in cells.exceptions.items()
                }
                cells = FiniteMap(usual, wider)
            self._memory[id(diagram)] = self._node(diagram.variable, cells), diagram
        return self._memory[id(diagram)][0]


class _Terms:
    """The patterns of diagrams, each worked out once."""

    def __init__(self) -> None:
        self._memory: dict[int, tuple[list[_Term], Node]] = {}
        self._minus = Difference(_LIMIT)

    def of(self, rest: Diagram, place: int) -> list[_Term]:
        """The patterns of the labels from `place` on."""
        if isinstance(rest, bool):
            more = place <= MOST_LABELS
            return ([_WHOLE, _BELOW] if more else [_WHOLE]) if rest else []
        if id(rest) not in self._memory:
            self._memory[id(rest)] = self._at(rest.cells, place), rest
        return self._memory[id(rest)][0]

    def _at(self, cells: Cells, place: int) -> list[_Term]:
        if isinstance(cells, FiniteMap):
            return self._plain(cells, place)
        return self._globs(cells, place) if isinstance(cells, AutomatonMap) else []

    def _plain(self, cells: FiniteMap[Diagram], place: int) -> list[_Term]:
        found = [_WHOLE] if cells.at(None) else []
        usual = self.of(cells.default, place + 1)
        if cells.default is True:
            found.append(_BELOW)
        else:
            found.extend(term.below("*", _MORE) for term in usual)
        covered = {term.shown for term in usual}
        for label in sorted(each for each in cells.exceptions if each is not None):
            test: StringFunction[Diagram] = FiniteMap(False, {label: True})
            below = self.of(cells.exceptions[label], place + 1)
            found.extend(term.below(label, test) for term in below if term.shown not in covered)
        return found

    def _globs(self, cells: AutomatonMap[Diagram], place: int) -> list[_Term]:
        found = [_WHOLE] if cells.absent else []
        results = [result for result in dict.fromkeys(cells.machine.outputs()) if result]
        for result in results:
            covered = {
                term.shown
                for less in results
                if less != result and self._minus(less, result) is False
                for term in self.of(less, place + 1)
            }
            new = [term for term in self.of(result, place + 1) if term.shown not in covered]
            if new:
                tests = _label_tests(_at_least(cells.machine, result))
                found.extend(term.below(*each) for each in tests for term in new)
        return found


def _at_least(machine: Automaton[Diagram], least: Diagram) -> Automaton[Diagram]:
    minus = Difference(_LIMIT)
    return machine.map(lambda each: minus(least, each) is False)


def _label_tests(labels: Automaton[Diagram]) -> list[tuple[str, StringFunction[Diagram]]]:
    """The globs of which a language of labels is the union, or else the one exact notation."""
    globs = as_globs(labels)
    if globs is None or globs.apart:
        shown = f"{', '.join(globs.union)} except {', '.join(globs.apart)}" if globs else ""
        return [(f"{{{shown or as_regex(labels)}}}", string_function(absent=False, machine=labels))]
    found = []
    for each in globs.union:
        parts = [STAR if char == "*" else char for char in each]
        machine = glob(parts, HOST_LETTERS, empty=False)
        found.append((each, string_function(absent=False, machine=machine)))
    return found
