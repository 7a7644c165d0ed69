"""What `printf` of a template may show: nothing that differs from run to run, or from Helm to Helm.

Go's `fmt` shows where a value lies in memory, and which type it has, which Helm 3 and Helm 4 name
differently: for `%p`, for `%T` and `%#v`, and for each operand that the format does not use.

Source: Go's package `fmt`, "Format errors".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from transire.charts.templates.tokens import Sort, Token

_FORMAT = re.compile(r'"(?:[^"\\]|\\["\\nrt])*"')
_POINTER = re.compile(r"%[^A-Za-z%]*p")
_TYPE = re.compile(r"%[^A-Za-z%]*T|%[^A-Za-z%]*#[^A-Za-z%]*v")
_VERB = re.compile(r"%[-+# 0]*[0-9]*(?:\.[0-9]*)?([A-Za-z%])")


def format_fault(action: Sequence[Token], number: int) -> tuple[str, str] | None:
    """What is wrong with the call of `printf` at that number of the action, and what to do."""
    after = action[number + 1 :]
    if not after or not _FORMAT.fullmatch(after[0].text) or _POINTER.search(after[0].text):
        return (
            "printf could show where a value lies in memory, which changes each time",
            "write its format in place, in double quotes, and without %p",
        )
    form = after[0].text
    if _TYPE.search(form):
        return (
            "printf shows the type that a value has in Go, which separates Helm 3 from Helm 4",
            "write its format without %T and %#v",
        )
    piped = number > 0 and action[number - 1].text == "|"
    if _verbs(form) != piped + _operands(after[1:]):
        return (
            (
                "printf has more or fewer operands than its format, so it shows their types in Go, "
                "which separates Helm 3 from Helm 4"
            ),
            "write one plain verb, such as %s or %d, for each operand",
        )
    return None


def _verbs(form: str) -> int:
    """How many operands the format takes; -1 where the format itself chooses which, or how wide."""
    if "%" in _VERB.sub("", form):
        return -1
    return sum(verb != "%" for verb in _VERB.findall(form))


def _operands(tokens: Sequence[Token]) -> int:
    """How many operands follow, up to the end of the call."""
    count = depth = 0
    for token in tokens:
        if depth == 0 and token.text in {"|", ")"} and token.sort is Sort.SIGN:
            break
        if depth == 0 and not (token.joined and token.sort is Sort.FIELD):
            count += 1
        depth += (token.text == "(") - (token.text == ")") if token.sort is Sort.SIGN else 0
    return count
