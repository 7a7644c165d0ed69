"""What templates of the repository's charts may do, so that every tool renders what was proved.

Argo CD, Flux and `helm template` give a template the same values, but each its own release, cluster
and time. So a template may reach its values and nothing else, and call only functions that depend
on their arguments alone. Rendering twice and comparing would show only what was tried; here it
follows from the text:

- outside of `define`, `.` and `$` hold everything that Helm gives. Only `.Values` and `$.Values`
  are taken from them, so everything is never handed on, to whatever name or function;
- inside of `define`, they hold what the caller handed on. A `define` cannot take the name of a
  file, which Helm would run with everything;
- a function that is not known to be harmless is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from transire.charts.templates.formats import format_fault
from transire.charts.templates.functions import ALLOWED, WHY_NOT
from transire.charts.templates.tokens import Sort, TemplateAction, Token, Unreadable, actions
from transire.model.problems import Position, Problem
from transire.workspace.safe_folder import shown

FOLDER = "templates/"

_VALUES = "Values"
_GIVEN = frozenset({"Capabilities", "Chart", "Files", "Release", "Subcharts", "Template"})
_KEYWORDS = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"}
)
_CONSTANTS = frozenset({"false", "nil", "true"})
_NAME = re.compile(r'"[A-Za-z0-9_.-]+"')
_LONGEST = 60
_ONLY_VALUES = "take it from .Values: the target's values file is all that every tool reads alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    place: int
    message: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Whether `.` and `$` hold everything that Helm gives."""

    dot: bool = True
    dollar: bool = True


_HANDED_ON = _Scope(dot=False, dollar=False)


def template_problems(folder: str, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Every place of a chart's templates that could render differently from tool to tool."""
    for path, content in sorted(files.items()):
        if path.startswith(FOLDER):
            yield from _problems(f"{folder}/{path}", content)


def _problems(path: str, content: bytes) -> Iterator[Problem]:
    text = content.decode("utf-8", "replace")
    for fault in _faults(text):
        line = text.count("\n", 0, fault.place) + 1
        column = fault.place - text.rfind("\n", 0, fault.place)
        yield Problem(
            at=Position(path=shown(path), line=line, column=column),
            id="chart-template",
            message=fault.message,
            help=fault.help,
        )


def _faults(text: str) -> Iterator[_Fault]:
    scope, outer = _Scope(), list[_Scope]()
    try:
        for action in actions(text):
            yield from _in_action(action, scope if _opens(action) != "else" else outer[-1])
            match _opens(action):
                case "define" | "block":
                    outer.append(scope)
                    scope = _HANDED_ON
                case "with" | "range":
                    outer.append(scope)
                    scope = _Scope(dot=False, dollar=scope.dollar)
                case "if":
                    outer.append(scope)
                case "else":
                    rebound = any(each.text == "with" for each in action[1:2])
                    scope = _Scope(dot=outer[-1].dot and not rebound, dollar=scope.dollar)
                case "end":
                    scope = outer.pop()
    except Unreadable as error:
        yield _unreadable(error.place)
    except IndexError:
        yield _unreadable(len(text))


def _unreadable(place: int) -> _Fault:
    return _Fault(
        place=place,
        message="the template cannot be read from here on",
        help="write it in the plain form of Go's text/template, as the other templates are",
    )


def _opens(action: TemplateAction) -> str:
    first = action[0]
    return first.text if first.sort is Sort.WORD and first.text in _KEYWORDS else ""


def _in_action(action: TemplateAction, scope: _Scope) -> Iterator[_Fault]:
    if _opens(action) in {"define", "block"}:
        yield from _bad_name(action)
    trios = zip((None, *action[:-1]), action, (*action[1:], None), strict=True)
    for number, (before, token, after) in enumerate(trios):
        match token.sort:
            case Sort.FIELD:
                yield from _field(before, token, scope)
            case Sort.DOT if scope.dot:
                yield _everything(token)
            case Sort.VARIABLE if token.text == "$" and scope.dollar:
                if after is None or not after.joined or after.sort is not Sort.FIELD:
                    yield _everything(token)
            case Sort.WORD:
                yield from _word(action, number)
            case _:
                pass


def _field(before: Token | None, token: Token, scope: _Scope) -> Iterator[_Fault]:
    """A chain of fields: of everything, of what was handed on, or of what stands right before."""
    names = token.text[1:].split(".")
    owner = before if before is not None and token.joined and _ends_operand(before) else None
    of_root = scope.dot if owner is None else owner.text == "$" and scope.dollar
    if (of_root and names[0] != _VALUES) or not _GIVEN.isdisjoint(names):
        written = f"{owner.text if owner else ''}{token.text}"
        yield _Fault(
            place=token.place,
            message=f"{_cut(written)} is not the same in Argo CD, Flux and `helm template`",
            help=_ONLY_VALUES,
        )


def _ends_operand(token: Token) -> bool:
    """Whether a field that follows at once is a field of it."""
    match token.sort:
        case Sort.VARIABLE:
            return True
        case Sort.WORD:
            return token.text not in _KEYWORDS
        case _:
            return token.text == ")"


def _everything(token: Token) -> _Fault:
    return _Fault(
        place=token.place,
        message=f"{token.text} hands on everything that Helm gives, which is not the same in Argo "
        "CD, Flux and `helm template`",
        help="hand on .Values, or a dict of what is needed",
    )


def _word(action: TemplateAction, number: int) -> Iterator[_Fault]:
    token = action[number]
    first_or_else = number == 0 or action[number - 1].text == "else"
    if token.text in _CONSTANTS or (token.text in _KEYWORDS and first_or_else):
        return
    if token.text not in ALLOWED:
        why = WHY_NOT.get(token.text, "is not known to give the same everywhere")
        yield _Fault(
            place=token.place,
            message=f"the function {_cut(token.text)} {why}",
            help="decide it in the values; templates only choose, repeat and quote",
        )
    elif token.text == "printf" and (wrong := format_fault(action, number)) is not None:
        message, advice = wrong
        yield _Fault(place=token.place, message=message, help=advice)


def _bad_name(action: TemplateAction) -> Iterator[_Fault]:
    name = action[1] if action[1:] else action[0]
    if not _NAME.fullmatch(name.text):
        yield _Fault(
            place=name.place,
            message=f"{_cut(name.text)} is no plain name, and could be that of a file, which Helm "
            "runs with all that it has",
            help="use letters, digits, hyphens and dots, in double quotes",
        )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
