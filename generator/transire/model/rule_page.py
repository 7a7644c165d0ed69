"""What there is to say about a rule, or about any id that a finding shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.model.problems import Level

_PAGE = re.compile(
    r"(?P<title>[^\n]+)\n\nWhat it does: (?P<what>.+?)\nWhy is this bad\? (?P<why>.+?)\n"
    r"Bad:\n(?P<bad>.+?)\nGood:\n(?P<good>.+?)\s*",
    re.DOTALL,
)
_INDENT = "    "


class RuleKind(StrEnum):
    """Where findings with that id come from."""

    GUARDRAIL = "guardrail"
    LINT = "lint"
    CHECK = "check"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """One id: what stands in a list of rules, and its page where it has one.

    `title` is one sentence. Guardrails and rules of lint also have `what` they do, `why` that is
    bad, and a `bad` and a `good` example, as lines of YAML; for other ids these are empty.
    `engines` are those that a rule of lint is for, and `changeable` says that the level may be set
    in `values/platform.yaml`.
    """

    id: str
    kind: RuleKind
    level: Level
    title: str
    what: str = ""
    why: str = ""
    bad: str = ""
    good: str = ""
    engines: tuple[str, ...] = ()
    changeable: bool = False

    def __repr__(self) -> str:
        return f"<RulePage {self.id}: {self.kind}, {self.level}>"


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


def brief(kind: RuleKind, level: Level, sentences: Mapping[str, str]) -> tuple[RulePage, ...]:
    """Ids that need one sentence each: the finding itself says what to do."""
    return tuple(
        RulePage(id=each, kind=kind, level=level, title=title) for each, title in sentences.items()
    )


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(line.removeprefix(_INDENT) for line in text.splitlines())


Explained = Callable[[str], RulePage | None]
"""The page of an id; None where there is none."""
