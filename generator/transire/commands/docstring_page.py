"""The page of a guardrail or a rule of lint, from the docstring of its module."""

from __future__ import annotations

import re
from collections.abc import Iterable

from transire.model.problems import Level
from transire.model.rule_page import RuleKind, RulePage

_PAGE = re.compile(
    r"(?P<title>[^\n]+)\n\nWhat it does: (?P<what>.+?)\nWhy is this bad\? (?P<why>.+?)\n"
    r"Bad:\n(?P<bad>.+?)\nGood:\n(?P<good>.+?)\s*",
    re.DOTALL,
)
_INDENT = "    "


def page(
    id: str,  # noqa: A002 - the field
    kind: RuleKind,
    level: Level,
    docstring: str | None,
    *,
    engines: Iterable[str] = (),
    changeable: bool = False,
) -> RulePage:
    """The page that a module's docstring is.

    Raises:
        ValueError: if the docstring has not the parts of a page.
    """
    parts = _PAGE.fullmatch(docstring or "")
    if parts is None:
        raise ValueError(f"the docstring of {id} is no page")
    return RulePage(
        id=id,
        kind=kind,
        level=level,
        title=parts["title"],
        what=_paragraph(parts["what"]),
        why=_paragraph(parts["why"]),
        bad=_lines(parts["bad"]),
        good=_lines(parts["good"]),
        engines=tuple(sorted(engines)),
        changeable=changeable,
    )


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(line.removeprefix(_INDENT) for line in text.splitlines())
