"""Functions of strings with finitely many results, as minimal deterministic automata.

An automaton reads one character after another and ends in a state whose output is the result. In
each state some characters have edges of their own and all others share one, so an unlimited
alphabet costs nothing. The minimal automaton with its states numbered breadth first is unique, so
equal functions have equal automata.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from transire.flows.diagrams.graphs import coarsest, components
from transire.model.problems import SETS, Unjudgeable

ResultT = TypeVar("ResultT", bound=Hashable)
MappedT = TypeVar("MappedT", bound=Hashable)

MOST_STATES = 20_000
"""States of one automaton; a single pattern has about as many as it has characters."""

MOST_STRINGS = 20_000
"""A function that singles out more strings than this is kept as an automaton."""

_LOOPING = -1
"""Stands for every class on a cycle where rows are compared roughly."""


class Row(NamedTuple, Generic[ResultT]):
    """One state: its output, the characters with edges of their own, and where others lead.

    The output None stands for a string that cannot occur, as the empty label of a host name.
    """

    output: ResultT | None
    edges: Mapping[str, int]
    default: int

    def targets(self) -> tuple[int, ...]:
        """Where edges lead: in the order of their characters, the shared one last."""
        return (*(self.edges[each] for each in sorted(self.edges)), self.default)


class Automaton(Generic[ResultT]):
    """A minimal automaton; it starts in state 0.

    `alphabet` is empty where every character may occur. `tail` is the state that every long
    enough string ends in, or None where there is no such state.
    """

    __slots__ = ("alphabet", "rows", "tail")

    def __init__(self, rows: tuple[Row[ResultT], ...], alphabet: str, tail: int | None) -> None:
        self.rows = rows
        self.alphabet = alphabet
        self.tail = tail

    def at(self, text: str) -> ResultT | None:
        """The result for `text`."""
        row = self.rows[0]
        for each in text:
            row = self.rows[row.edges.get(each, row.default)]
        return row.output

    def outputs(self) -> tuple[ResultT, ...]:
        """The results by state, without those of strings that cannot occur."""
        return tuple(row.output for row in self.rows if row.output is not None)

    def map(self, change: Callable[[ResultT], MappedT]) -> Automaton[MappedT]:
        """This function, then `change`."""
        rows = [
            Row(None if output is None else change(output), edges, default)
            for output, edges, default in self.rows
        ]
        return minimal(rows, self.alphabet)

    def exceptions(self) -> tuple[ResultT, dict[str, ResultT]] | None:
        """A result and the few strings that have another, where the function is so.

        None where they are more than `MOST_STRINGS`.
        """
        if self.tail is None:
            return None
        usual = self.rows[self.tail].output
        found: dict[str, ResultT] = {}
        todo = [(0, "")]
        while todo:
            state, text = todo.pop()
            output, edges, default = self.rows[state]
            if output is not None and output != usual:
                found[text] = output
            todo.extend((to, text + each) for each, to in edges.items() if to != self.tail)
            if self.tail not in (state, default):
                if not self.alphabet:
                    return None
                others = (each for each in self.alphabet if each not in edges)
                todo.extend((default, text + each) for each in others)
            if len(found) + len(todo) > MOST_STRINGS:
                return None
        return usual, found  # type: ignore[return-value]


def bounded(states: int) -> None:
    """Stop a computation that has come to so many states.

    Raises:
        Unjudgeable: if they are too many.
    """
    if states > MOST_STATES:
        raise Unjudgeable(SETS, "patterns", "the patterns overlap in too many ways to compare them")


def minimal(rows: Sequence[Row[ResultT]], alphabet: str) -> Automaton[ResultT]:
    """The minimal automaton of the function that `rows` computes from state 0."""
    if alphabet:
        rows = [
            row if len(row.edges) < len(alphabet) else row._replace(default=row.edges[alphabet[0]])
            for row in rows
        ]
    classes = _Classes(rows, alphabet)
    start = classes.of[0]
    order = [start]
    number = {start: 0}
    for each in order:
        for to in classes.rows[each].targets():
            if to not in number:
                number[to] = len(order)
                order.append(to)
    numbered = tuple(_renamed(classes.rows[each], number, alphabet) for each in order)
    looping = [number[each] for each in order if each in classes.cyclic]
    sole = len(looping) == 1 and numbered[looping[0]].targets() == (looping[0],)
    return Automaton(numbered, alphabet, looping[0] if sole else None)


def _renamed(row: Row[ResultT], names: Mapping[int, int], alphabet: str) -> Row[ResultT]:
    """The row over renamed states, with as few edges of their own as can be.

    In a finite alphabet the shared edge is the one of most characters, or where several are, of
    the first character.
    """
    default = names[row.default]
    edges = {}
    for each, to in row.edges.items():
        target = names[to]
        if target != default:
            edges[each] = target
    if alphabet and 2 * len(edges) >= len(alphabet):
        sharers: dict[int, list[str]] = {}
        for each in alphabet:
            sharers.setdefault(edges.get(each, default), []).append(each)
        default = max(sharers, key=lambda to: len(sharers[to]))
        edges = {each: to for to, chars in sharers.items() if to != default for each in chars}
    return Row(row.output, edges, default)


def _key(row: Row[ResultT]) -> Hashable:
    return row.output, row.default, frozenset(row.edges.items())


class _Classes(Generic[ResultT]):
    """States that no string distinguishes, found component by component from the bottom.

    A state outside every cycle is known by its output and its successors' classes, and so is one
    that is a cycle by itself, with a name for its own class. A state on a longer cycle can only
    equal a class on a cycle, and then its whole component equals such classes; otherwise none of it
    does, and its states are compared with one another only.
    """

    def __init__(self, rows: Sequence[Row[ResultT]], alphabet: str) -> None:
        self._states, self._alphabet = rows, alphabet
        self.rows: list[Row[ResultT]] = []
        self.of: dict[int, int] = {}
        self.cyclic: set[int] = set()
        self._known: dict[Hashable, int] = {}
        self._alone: dict[Hashable, int] = {}
        self._by_shape: dict[Hashable, list[int]] = {}
        for component in components(lambda state: rows[state].targets()):
            state = component[0]
            if len(component) > 1 or state in rows[state].targets():
                self._add_cycle(component)
            else:
                self.of[state] = self._class(_renamed(rows[state], self.of, alphabet))

    def _class(self, row: Row[ResultT]) -> int:
        key = _key(row)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.rows)
            self.rows.append(row)
        return found

    def _add_cycle(self, component: list[int]) -> None:
        if len(component) == 1:
            self._add_alone(component[0])
            return
        inside = frozenset(component)
        first = self._states[component[0]]
        loops = {to for to in first.targets() if to in inside or self.of[to] in self.cyclic}
        shape = self._looping(first, loops, self.of)
        for candidate in self._by_shape.get(shape, ()):
            classes = self._same_cycle(component[0], candidate, inside)
            if classes:
                self.of.update(classes)
                return
        self._add_classes(component)

    def _add_alone(self, state: int) -> None:
        """The class of a state that leads to itself and to what is classed already.

        An equal class leads to itself where the state leads to itself or to that class, and to the
        same classes elsewhere.
        """
        targets = self._states[state].targets()
        beside = {self.of[to] for to in targets if to != state} & self.cyclic
        for own in (None, *beside):
            loops = {to for to in targets if to == state or self.of[to] == own}
            found = self._alone.get(self._looping(self._states[state], loops, self.of))
            if found is not None and (own is None or own == found):
                self.of[state] = found
                return
        self._add_classes([state])

    def _looping(
        self, row: Row[ResultT], loops: Container[int], names: Mapping[int, int]
    ) -> Hashable:
        """A row with one name for where it loops."""
        named = {to: _LOOPING if to in loops else names[to] for to in row.targets()}
        return _key(_renamed(row, named, self._alphabet))

    def _same_cycle(
        self, state: int, candidate: int, inside: frozenset[int]
    ) -> dict[int, int] | None:
        """The class of each state inside, where `state` is of the class `candidate`."""
        classes = {state: candidate}
        todo = [state]
        while todo:
            mine = todo.pop()
            theirs = classes[mine]
            if self._states[mine].output != self.rows[theirs].output:
                return None
            for my_target, their_target in self._steps(mine, theirs):
                if my_target in inside and my_target not in classes:
                    classes[my_target] = their_target
                    todo.append(my_target)
                elif classes.get(my_target, self.of.get(my_target)) != their_target:
                    return None
        return classes

    def _steps(self, state: int, other: int) -> Iterator[tuple[int, int]]:
        """Where a state and a class lead on each character that either treats specially."""
        _, mine, my_default = self._states[state]
        _, theirs, their_default = self.rows[other]
        special = mine.keys() | theirs.keys()
        for each in special:
            yield mine.get(each, my_default), theirs.get(each, their_default)
        if not self._alphabet or len(special) != len(self._alphabet):
            yield my_default, their_default

    def _add_classes(self, component: list[int]) -> None:
        """Classes of their own for the states of a component."""
        blocks = self._blocks(component)
        members = {block: state for state, block in blocks.items()}
        number = {block: len(self.rows) + index for index, block in enumerate(members)}
        self.of.update((state, number[block]) for state, block in blocks.items())
        self.cyclic.update(number.values())
        for block, state in members.items():
            row = _renamed(self._states[state], self.of, self._alphabet)
            self._class(row)
            same = {to: to for to in row.targets()}
            shape = self._looping(row, self.cyclic, same)
            self._by_shape.setdefault(shape, []).append(number[block])
            if number[block] in same:
                self._alone[self._looping(row, {number[block]}, same)] = number[block]

    def _blocks(self, component: list[int]) -> dict[int, int]:
        """The component's states by blocks that no string distinguishes."""
        if len(component) == 1:
            return {component[0]: 0}
        rows = {state: self._states[state] for state in component}
        kinds = {state: self._outward(row, rows) for state, row in rows.items()}
        special = sorted({each for row in rows.values() for each in row.edges})
        moves = [
            {state: row.edges.get(each, row.default) for state, row in rows.items()}
            for each in special
        ]
        if not self._alphabet or len(special) != len(self._alphabet):
            moves.append({state: row.default for state, row in rows.items()})
        within = [{state: to for state, to in move.items() if to in rows} for move in moves]
        return coarsest(kinds, within)

    def _outward(self, row: Row[ResultT], inside: Container[int]) -> Hashable:
        """A row without the states inside its component that it leads to."""
        names = {to: _LOOPING if to in inside else self.of[to] for to in row.targets()}
        return _key(_renamed(row, names, self._alphabet))


def product(
    one: Automaton[ResultT], other: Automaton[ResultT], merge: Callable[[ResultT, ResultT], ResultT]
) -> Automaton[ResultT]:
    """The function whose result is the merge of both results, string by string.

    Raises:
        Unjudgeable: if it has too many states.
    """
    alphabet = one.alphabet
    number = {(0, 0): 0}
    order = [(0, 0)]
    rows: list[Row[ResultT]] = []

    def to(mine: int, theirs: int) -> int:
        found = number.setdefault((mine, theirs), len(order))
        if found == len(order):
            order.append((mine, theirs))
        return found

    for first, second in order:
        bounded(len(order))
        my_output, mine, my_default = one.rows[first]
        their_output, theirs, their_default = other.rows[second]
        edges = {
            each: to(mine.get(each, my_default), theirs.get(each, their_default))
            for each in mine.keys() | theirs.keys()
        }
        full = len(edges) == len(alphabet)
        default = edges[alphabet[0]] if full and alphabet else to(my_default, their_default)
        missing = my_output is None or their_output is None
        output = None if missing else merge(my_output, their_output)  # type: ignore[arg-type]
        rows.append(Row(output, edges, default))
    return minimal(rows, alphabet)


def trie(
    default: ResultT, exceptions: Mapping[str, ResultT], alphabet: str, *, empty: bool
) -> Automaton[ResultT]:
    """The automaton of a function that is `default` but for some strings.

    Without `empty` the empty string cannot occur.
    """
    tail, edges = 1, [{}, {}]  # type: tuple[int, list[dict[str, int]]]
    outputs: list[ResultT | None] = [default if empty else None, default]
    for text, result in exceptions.items():
        state = 0
        for each in text:
            state = edges[state].setdefault(each, len(edges))
            if state == len(edges):
                edges.append({})
                outputs.append(default)
                bounded(state)
        outputs[state] = result
    rows = [Row(output, each, tail) for output, each in zip(outputs, edges, strict=True)]
    return minimal(rows, alphabet)
