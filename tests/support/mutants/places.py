"""The parts of a template: its lines, its actions, and the blocks that actions open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ACTION = re.compile(r"\{\{-?\s*(?P<comment>/\*)?.*?(?(comment)\*/\s*)-?\}\}", re.DOTALL)
_INSIDE = re.compile(r"(\{\{-?\s*)(.*?)(\s*-?\}\})", re.DOTALL)
_OPENERS = frozenset({"block", "define", "if", "range", "with"})


@dataclass(frozen=True, slots=True)
class Action:
    """What stands between `{{` and `}}`, with both of them; `text` is what is inside."""

    start: int
    end: int
    text: str

    @property
    def keyword(self) -> str:
        """Its first word, such as `if`, `end` or the name of a function."""
        return self.text.split(maxsplit=1)[0] if self.text else ""

    @property
    def rest(self) -> str:
        """What follows the first word."""
        return self.text[len(self.keyword) :].strip()

    def within(self, template: str, text: str) -> str:
        """The template with another text inside of this action."""
        written = _INSIDE.fullmatch(template[self.start : self.end])
        assert written is not None
        changed = f"{written[1]}{text}{written[3]}"
        return template[: self.start] + changed + template[self.end :]


@dataclass(frozen=True, slots=True)
class Block:
    """An action that opens something, each `else` of it, and its end."""

    opening: Action
    elses: tuple[Action, ...]
    closing: Action


def is_comment(template: str, action: Action) -> bool:
    """Whether the action is a comment."""
    return template[action.start : action.end].lstrip("{- \n").startswith("/*")


def actions_of(template: str) -> list[Action]:
    """Every action of the template but comments, in their order."""
    found = []
    for match in _ACTION.finditer(template):
        inside = _INSIDE.fullmatch(match[0])
        action = Action(match.start(), match.end(), inside[2].strip() if inside else "")
        if not is_comment(template, action):
            found.append(action)
    return found


def blocks_of(template: str) -> Iterator[Block]:
    """Every block of the template, the inner ones first."""
    opened: list[tuple[Action, list[Action]]] = []
    for action in actions_of(template):
        if action.keyword in _OPENERS:
            opened.append((action, []))
        elif action.keyword == "else":
            opened[-1][1].append(action)
        elif action.keyword == "end":
            opening, elses = opened.pop()
            yield Block(opening, tuple(elses), action)


def line_at(template: str, place: int) -> int:
    """The number, from 1, of the line that holds the place."""
    return template.count("\n", 0, place) + 1


def without(template: str, start: int, end: int) -> str:
    """The template without that part, and without a line that would stay blank."""
    before, after = template[:start], template[end:]
    head = before.rpartition("\n")[2]
    tail = after.partition("\n")[0]
    if not head.strip() and not tail.strip() and "\n" in after:
        return before[: len(before) - len(head)] + after[len(tail) + 1 :]
    return before + after


def code_lines(template: str) -> Iterator[tuple[int, str]]:
    """Every line, by its number from 0, that is neither blank nor part of a comment."""
    hidden = {
        number
        for match in _ACTION.finditer(template)
        if match["comment"]
        for number in range(
            line_at(template, match.start()) - 1, line_at(template, match.end() - 1)
        )
    }
    for number, line in enumerate(template.split("\n")):
        if line.strip() and number not in hidden and not line.lstrip().startswith("#"):
            yield number, line


def nested(template: str, number: int) -> int:
    """The line after everything that is nested below the YAML key of that line.

    Items and actions stand as deep as the key of their list. What actions open is closed before.
    """
    lines = template.split("\n")
    depth = _depth(lines[number])
    end = number + 1
    while end < len(lines) and (_depth(lines[end]) > depth or _continues(lines[end], depth)):
        end += 1
    while end > number + 1 and not is_balanced("\n".join(lines[number + 1 : end])):
        end -= 1
    return end


def is_balanced(text: str) -> bool:
    """Whether every block that the text opens is closed in it, and the other way round."""
    depth = 0
    for action in actions_of(text):
        depth += (action.keyword in _OPENERS) - (action.keyword == "end")
        if depth < 0 or (depth == 0 and action.keyword == "else"):
            return False
    return depth == 0


def _continues(line: str, depth: int) -> bool:
    bare = line.lstrip()
    return not bare or (_depth(line) == depth and bare.startswith(("- ", "{{")))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
