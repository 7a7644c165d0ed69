"""The pages of rules: what is documented of any id that a finding shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.model.problems import Level


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
    `engines` are those that a rule of lint is for, and `changeable` is true where the level may be
    set in `values/platform.yaml`.
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


def brief(kind: RuleKind, level: Level, sentences: Mapping[str, str]) -> tuple[RulePage, ...]:
    """Ids that need one sentence each: the finding itself shows what to do."""
    return tuple(
        RulePage(id=each, kind=kind, level=level, title=title) for each, title in sentences.items()
    )
