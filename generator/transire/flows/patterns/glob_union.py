"""A regular language as the globs that people would write, or else as a regular expression."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from transire.flows.diagrams.automaton import Automaton, product
from transire.flows.diagrams.diagram import Diagram
from transire.flows.patterns.globs import glob, glob_parts

_MOST_GLOBS = 64
_LONGEST = 200
_SPECIAL = frozenset(r"\.^$*+?{}[]|()/")


class Globs(NamedTuple):
    """A language as the union of some globs but for the union of others, both sorted."""

    union: tuple[str, ...]
    apart: tuple[str, ...] = ()


def as_globs(machine: Automaton[Diagram]) -> Globs | None:
    """The language in globs, as few as can be; None where it is no such difference.

    Where it is a union of globs that union is unique, as long as some character occurs in none:
    a text in which that character fills the stars of one belongs to another only if that one
    includes it.
    """
    wide = _around(machine)
    if wide is None:
        return None
    surplus = _minus(_union(wide, machine), machine)
    apart = _around(surplus)
    if apart is None or _accepts(_minus(_union(apart, machine), surplus)):
        return None
    return Globs(wide, apart)


def _around(machine: Automaton[Diagram]) -> tuple[str, ...] | None:
    """Globs that hold the language, each the widest for a shortest text that is still left."""
    found: list[str] = []
    rest = machine
    while _accepts(rest):
        best = _widest(rest)
        if best is None or len(found) == _MOST_GLOBS:
            return None
        found.append(best)
        rest = _minus(rest, _union([best], machine))
    return tuple(sorted(found))


def _union(globs: Sequence[str], like: Automaton[Diagram]) -> Automaton[Diagram]:
    empty = like.rows[0].output is not None
    found: Automaton[Diagram] = like.map(lambda _: False)
    for each in globs:
        step = glob(glob_parts(each), like.alphabet, empty=empty)
        found = product(found, step, lambda mine, theirs: mine is True or theirs is True)
    return found


def _minus(one: Automaton[Diagram], other: Automaton[Diagram]) -> Automaton[Diagram]:
    return product(one, other, lambda mine, theirs: mine is True and theirs is False)


def _accepts(machine: Automaton[Diagram]) -> bool:
    return any(machine.outputs())


def _widest(machine: Automaton[Diagram]) -> str | None:
    """The glob with the fewest characters, then the most stars, that leads to acceptance."""
    named = {each for row in machine.rows for each in row.edges}
    if "*" in named or (machine.alphabet and named.issuperset(machine.alphabet)):
        return None
    queue = [(0, False, 0, "", 0)]
    seen: set[tuple[int, bool]] = set()
    while queue:
        letters, final, stars, text, state = heappop(queue)
        if final:
            return text
        starred = text.endswith("*")
        if (state, starred) in seen:
            continue
        seen.add((state, starred))
        row = machine.rows[state]
        if row.output:
            heappush(queue, (letters, True, stars, text, state))
        steady = _steady(machine, state)
        if steady is not None and not starred:
            heappush(queue, (letters, False, stars - 1, f"{text}*", steady))
        for each, to in row.edges.items():
            heappush(queue, (letters + 1, False, stars, f"{text}{each}", to))
    return None


def _steady(machine: Automaton[Diagram], state: int) -> int | None:
    """The state that a run of characters which no edge names ends in, if it comes to rest."""
    passed = set()
    while state not in passed:
        passed.add(state)
        state = machine.rows[state].default
    return state if machine.rows[state].default == state else None


def as_regex(machine: Automaton[Diagram]) -> str:
    """A short regular expression for the language, or else the automaton itself.

    Either is exact, and the same for equal languages. The expression comes from leaving out one
    state after another, which may make it far longer than the automaton.
    """
    found = _regex(machine)
    return f"/{found}/" if found is not None else _table(machine)


def _table(machine: Automaton[Diagram]) -> str:
    """The automaton: per state where characters lead, and all others; `!` where a text may end."""
    rows = []
    for state, (output, edges, default) in enumerate(machine.rows):
        moves = [f"{each}:{to}" for each, to in sorted(edges.items())]
        rows.append(f"{state}{'!' if output else ''} {' '.join([*moves, f'else:{default}'])}")
    return f"<{'; '.join(rows)}>"


def _regex(machine: Automaton[Diagram]) -> str | None:
    count = len(machine.rows)
    start, end = -1, -2
    edges: dict[tuple[int, int], str] = {(start, 0): ""}
    for state, row in enumerate(machine.rows):
        by_target: dict[int, str] = {}
        for each in sorted(row.edges):
            by_target[row.edges[each]] = by_target.get(row.edges[each], "") + _literal(each)
        named = "".join(_literal(each) for each in sorted(row.edges))
        edges[state, row.default] = f"[^{named}]" if named else "."
        for to, chars in by_target.items():
            mine = chars if len(chars.replace("\\", "")) == 1 else f"[{chars}]"
            edges[state, to] = _either(edges.get((state, to)), mine)
        if row.output:
            edges[state, end] = ""
    for state in range(count - 1, -1, -1):
        _leave_out(edges, state)
        if sum(map(len, edges.values())) > _LONGEST:
            return None
    return edges.get((start, end), "[]")


def _leave_out(edges: dict[tuple[int, int], str], state: int) -> None:
    loop = edges.pop((state, state), "")
    single = len(loop) == 1 or (loop.startswith("[") and loop.find("]") == len(loop) - 1)
    again = f"{loop}*" if single else loop and f"({loop})*"
    before = [(source, text) for (source, to), text in edges.items() if to == state]
    after = [(to, text) for (source, to), text in edges.items() if source == state]
    for source, first in before:
        for to, last in after:
            through = f"{_group(first)}{again}{_group(last)}"
            edges[source, to] = _either(edges.get((source, to)), through)
    for source, _ in before:
        del edges[source, state]
    for to, _ in after:
        del edges[state, to]


def _either(one: str | None, other: str) -> str:
    return other if one is None or one == other else "|".join(sorted((one, other)))


def _group(text: str) -> str:
    return f"({text})" if "|" in text else text


def _literal(char: str) -> str:
    return "\\" + char if char in _SPECIAL else char
