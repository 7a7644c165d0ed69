"""What the platform's levels and exceptions make of the findings of guardrails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from transire.model.guardrail import Finding
from transire.model.intent import Organisation, Waiver
from transire.model.problems import Level, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The findings of one guardrail that stand, and the exceptions that took others away."""

    problems: tuple[Problem, ...]
    used: frozenset[Waiver]


def weigh(
    rule: str,
    usual: Level,
    findings: Iterable[Finding],
    organisation: Organisation,
    as_of: datetime,
) -> Weighed:
    """What is left of a guardrail's findings at that instant.

    The platform's `guardrails` may change the level or turn the guardrail off. An exception takes
    away one team's entry until its end.
    """
    levels = organisation.platform.guardrails.levels
    if rule in levels and levels[rule] is None:
        return Weighed(problems=(), used=frozenset())
    granted: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in organisation.waivers:
        if waiver.rule == rule and not waiver.until.passed(as_of):
            granted.setdefault((waiver.team, waiver.entry), []).append(waiver)
    problems: list[Problem] = []
    used: set[Waiver] = set()
    for finding in findings:
        grants = granted.get((finding.team, finding.entry))
        if grants is not None:
            used.update(grants)
            continue
        level = levels.get(rule) or finding.level or usual
        problems.append(
            Problem(at=finding.at, id=rule, level=level, message=finding.message, help=finding.help)
        )
    return Weighed(problems=tuple(problems), used=frozenset(used))


def exception_problems(
    organisation: Organisation, used: Iterable[Waiver], rules: Iterable[str], as_of: datetime
) -> tuple[Problem, ...]:
    """Exceptions from these guardrails that are past their end, or that no finding needs."""
    needed, judged = frozenset(used), frozenset(rules)
    return tuple(
        _past(each) if each.until.passed(as_of) else _unneeded(each)
        for each in organisation.waivers
        if each.rule in judged and each not in needed
    )


def _past(waiver: Waiver) -> Problem:
    return Problem(
        at=waiver.at,
        id="expired-exception",
        level=Level.WARNING,
        message=f"the exception from {waiver.rule} for {_whose(waiver)} ended {waiver.until.when}",
        help="remove it, or have security agree on a new date",
    )


def _unneeded(waiver: Waiver) -> Problem:
    return Problem(
        at=waiver.at,
        id="unneeded-exception",
        level=Level.WARNING,
        message=f"nothing needs the exception from {waiver.rule} for {_whose(waiver)} any more",
        help="remove it, so that it does not let the next mistake pass",
    )


def _whose(waiver: Waiver) -> str:
    return f"{waiver.team or 'platform'}/{waiver.entry}"
