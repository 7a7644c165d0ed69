"""Sets of paths as the few patterns that people write: `*` one segment, `/**` all that is below.

With a query a path may have any behind it, as the first line of a request has both. What no few
such patterns equal has no form here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from transire.flows.diagrams.automaton import Automaton
from transire.flows.diagrams.diagram import Diagram, Union, node
from transire.flows.diagrams.string_functions import string_function
from transire.flows.patterns.regex_language import regex

_MOST: Final = 24
_LONGEST: Final = 400
_ANY = (0, "")
"""The variable that stands for a path where texts are compared."""


def path_patterns(machine: Automaton[Diagram]) -> tuple[str, ...] | None:
    """The fewest patterns whose union the set is, sorted; None where that is not found."""
    for query in (True, False):
        found = list(dict.fromkeys(_candidates(machine, query=query)))
        if not 0 < len(found) <= _MOST or not _is_union(machine, found, query=query):
            continue
        for each in sorted(found, key=len, reverse=True):
            rest = [other for other in found if other != each]
            if rest and _is_union(machine, rest, query=query):
                found = rest
        return tuple(sorted(found))
    return None


def _is_union(machine: Automaton[Diagram], found: list[str], *, query: bool) -> bool:
    parts = [_set(regex(_expression(each, query=query))) for each in found]
    return Union(_LONGEST * _MOST)(parts) == _set(machine)


def _set(machine: Automaton[Diagram]) -> Diagram:
    return node(_ANY, string_function(absent=False, machine=machine))


def _expression(pattern: str, *, query: bool) -> str:
    segment, tail = ("[^/?]+", "([?].*)?") if query else ("[^/]+", "")
    *before, last = pattern[1:].split("/")
    text = "".join(f"/{segment if each == '*' else _quoted(each)}" for each in before)
    if last == "**":
        return f"{text}/.*"
    return f"{text}/{segment if last == '*' else _quoted(last)}{tail}"


def _quoted(text: str) -> str:
    return "".join(each if each.isalnum() else f"\\{each}" for each in text)


def _candidates(machine: Automaton[Diagram], *, query: bool) -> Iterator[str]:
    """Patterns that the automaton may be made of, no more than can be looked at."""
    rows = machine.rows
    first = rows[0].edges.get("/")
    todo = [] if first is None else [("/", first, False)]
    given = 0
    while todo and given <= _MOST:
        text, state, inside = todo.pop()
        row = rows[state]
        if not inside and row.output and not row.edges and row.default == state:
            given += 1
            yield f"{text}**"
            continue
        if row.output:
            given += 1
            yield text
        if len(text) > _LONGEST:
            continue
        if not inside and _leads_on(machine, row.default):
            todo.append((f"{text}*", row.default, True))
        for char, to in row.edges.items():
            starred = text.endswith("*") and char != "/"
            if not starred and not (char == "?" and query) and _leads_on(machine, to):
                todo.append((text + char, to, char != "/"))


def _leads_on(machine: Automaton[Diagram], state: int) -> bool:
    """Whether any text is accepted from a state on."""
    row = machine.rows[state]
    return bool(row.output or row.edges or row.default != state)
