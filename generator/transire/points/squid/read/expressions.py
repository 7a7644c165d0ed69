"""Regular expressions of POSIX, as Squid compares names and paths with them, as sets.

Where POSIX and the syntax that is modelled differ, the expression is not modelled.
"""

from __future__ import annotations

import re
from functools import lru_cache

from transire.flows.diagrams.automaton import Automaton, Row, minimal
from transire.flows.diagrams.axes import NO_KEY, Axis
from transire.flows.diagrams.diagram import Diagram, node
from transire.flows.diagrams.string_functions import string_function
from transire.flows.host_set import HostSet, Wild
from transire.flows.patterns.regex_language import regex
from transire.flows.patterns.regex_syntax import Chars, RegexPart, Repeated, Sequenced, parsed
from transire.flows.request_set import normal_paths
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable

_BRACKETS = re.compile(r"\[\^?\]?[^]]*\]")
_ESCAPE = re.compile(r"\\.")
_HEX = "0123456789abcdefABCDEF"
_NO_DOT = Chars(frozenset("."), others=True)


def unlike_posix(text: str) -> str:
    """Why an expression is not modelled although it may be one in another syntax."""
    brackets = "".join(_BRACKETS.findall(text))
    if "\\" in brackets or "[:" in text or "[." in brackets[1:].replace("[.]", ""):
        return f"the brackets of {text} are not modelled"
    rest = _BRACKETS.sub("x", text)
    if any(each[1].isalnum() for each in _ESCAPE.findall(rest)):
        return f"an escape of {text} is not modelled"
    bare = _ESCAPE.sub("x", rest)
    if "|" in re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", bare)):
        return f"alternatives of {text} as a whole are not modelled"
    return ""


def whole(text: str) -> str:
    """The expression that has to match from end to end, for one that is searched for."""
    start = "" if text.startswith("^") else ".*"
    ends = text.endswith("$") and not re.search(r"(?<!\\)(\\\\)*\\\$$", text)
    return start + text + ("" if ends else ".*")


def host_set(text: str) -> HostSet:
    """The names that an expression over names is for, upper and lower case alike.

    Raises:
        Unjudgeable: if it is not built of labels.
    """
    if not (text.startswith("^") and text.endswith("$")):
        raise Unjudgeable("regular expression", text, "names without ^ and $ are not modelled")
    parts: list[str | Wild] = []
    top = parsed(text.lower())
    for part in top.parts if isinstance(top, Sequenced) else [top]:
        parts += _host_part(text, part, parts)
    try:
        return HostSet.pattern(parts)
    except ValueError as error:
        raise Unjudgeable("regular expression", text, str(error)) from error


def _host_part(text: str, part: RegexPart, before: list[str | Wild]) -> list[str | Wild]:
    match part:
        case Chars(named, False) if len(named) == 1:
            return [*named]
        case Repeated(inner, 0, None) if inner == _NO_DOT:
            return [Wild.CHARS]
        case Repeated(inner, 1, None) if inner == _NO_DOT:
            return [Wild.LABEL]
        case Repeated(inner, least, most) if _is_label(inner):
            if least == most:
                return [".", Wild.LABEL] * least
            if (least, most) == (0, None) and before[-1:] == [Wild.LABEL]:
                before.pop()
                return [Wild.LABELS]
    raise Unjudgeable("regular expression", text, "it is not built of labels")


def _is_label(part: RegexPart) -> bool:
    """Whether it is `[.][^.]+`."""
    return (
        isinstance(part, Sequenced)
        and len(part.parts) == 2  # noqa: PLR2004 - a dot and a label
        and part.parts[0] == Chars(frozenset("."))
        and part.parts[1] == Repeated(_NO_DOT, 1, None)
    )


def not_normalised() -> TextSet:
    """What Squid compares of paths on which origins differ, after it has decoded them."""
    return TextSet.matching(r"[^?]*(/[.][.]?([/?].*)?|//.*|\\.*|%00.*)")


def decoded_set(text: str) -> TextSet:
    """The decoded paths with their queries that an expression finds.

    Raises:
        Unjudgeable: if it is too intricate.
    """
    return TextSet.matching(whole(text))


@lru_cache(maxsize=1_024)
def path_set(text: str) -> TextSet:
    """The normalised paths that an expression over paths finds, whatever the query is.

    Squid compares the path with its query, both decoded once; only `%00` stays as it is.

    Raises:
        Unjudgeable: if it is too intricate, or depends on the query.
    """
    machine = regex(whole(text))
    depends = _paths(_decoding(machine, _differs_by_query(machine)))
    if depends & normal_paths():
        raise Unjudgeable("regular expression", text, "it depends on the query")
    return _paths(_decoding(machine, [row.output is True for row in machine.rows]))


def _paths(machine: Automaton[Diagram]) -> TextSet:
    diagram = node((Axis.LABEL, NO_KEY), string_function(absent=False, machine=machine))
    return TextSet(diagram=diagram)


def _differs_by_query(machine: Automaton[Diagram]) -> list[bool]:
    """For each state, whether a query after it may change the result."""
    rows = machine.rows
    reached: dict[int, set[int]] = {}
    for start in {row.edges.get("?", row.default) for row in rows}:
        found, todo = {start}, [start]
        while todo:
            new = set(rows[todo.pop()].targets()) - found
            found |= new
            todo += new
        reached[start] = found
    return [
        any(rows[to].output != row.output for to in reached[row.edges.get("?", row.default)])
        for row in rows
    ]


def _decoding(machine: Automaton[Diagram], outputs: list[bool]) -> Automaton[Diagram]:
    """The function of texts as they are sent, for one of decoded texts."""
    count = len(machine.rows)
    rows: list[Row[Diagram]] = []
    dead = count * (2 + len(_HEX))

    def to(state: int, text: str) -> int:
        for each in text:
            state = machine.rows[state].edges.get(each, machine.rows[state].default)
        return state

    for state, row in enumerate(machine.rows):
        rows.append(Row(outputs[state], {**row.edges, "%": count + state}, row.default))
    for state in range(count):
        first = {digit: count * (2 + at) + state for at, digit in enumerate(_HEX)}
        rows.append(Row(False, first, dead))
    for high in _HEX:
        for state in range(count):
            decoded = {low: chr(int(high + low, 16)) for low in _HEX}
            second = {
                low: to(state, "%00" if char == "\0" else char) for low, char in decoded.items()
            }
            rows.append(Row(False, second, dead))
    rows.append(Row(False, {}, dead))
    return minimal(rows, "")
