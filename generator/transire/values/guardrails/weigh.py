"""What the platform's levels and exceptions make of the findings of guardrails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from transire.model.guardrail import Finding
from transire.model.intent import Organisation
from transire.model.problems import Level, Problem
from transire.model.waiver import Approved, Subject, Waiver, kind_of
from transire.values.guardrails.approvals import granting, meets
from transire.values.guardrails.leftover import entries_of, gone

_EXCEPTIONS = "values/exceptions.yaml"
_MOST_SHOWN = 3
"""How many items of an exception a help line writes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The findings of one guardrail that stand, and the exceptions that took others away.

    `problems` also names exceptions that let nothing pass because they do not hold what they are
    for, and items of the others that no finding needs.
    """

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
    away one team's entry until its end, and of hosts, ranges and ports only what it is for.
    """
    levels = organisation.platform.guardrails.levels
    if rule in levels and levels[rule] is None:
        return Weighed(problems=(), used=frozenset())
    granted: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in organisation.waivers:
        if waiver.rule == rule and not waiver.until.passed(as_of):
            granted.setdefault((waiver.team, waiver.entry), []).append(waiver)
    problems: list[Problem] = []
    used: dict[Waiver, list[Subject]] = {}
    for finding in findings:
        waivers = granted.get((finding.team, finding.entry), [])
        passing = granting(finding, waivers)
        for each in passing:
            used.setdefault(each, []).extend(finding.about)
        if not passing:
            level = levels.get(rule) or finding.level or usual
            problems.append(_standing(rule, level, finding))
            for each in _short_of(finding, waivers):
                used.setdefault(each, []).extend(finding.about)
            for each in _without_for(finding, waivers):
                used.setdefault(each, [])
                problems.append(_vague(each, finding))
    problems.extend(
        _unneeded_item(waiver, item)
        for waiver, subjects in used.items()
        for item in waiver.approved
        if not any(meets(item, subject) for subject in subjects)
    )
    return Weighed(problems=tuple(dict.fromkeys(problems)), used=frozenset(used))


def _standing(rule: str, level: Level, finding: Finding) -> Problem:
    return Problem(
        at=finding.at, id=rule, level=level, message=finding.message, help=_remedy(finding)
    )


def _remedy(finding: Finding) -> str:
    """The help; where it leads to an exception, with what that has to hold."""
    items = [Approved(subject=each).written for each in finding.about]
    if not items or len(items) > _MOST_SHOWN or not finding.help.endswith(_EXCEPTIONS):
        return finding.help
    return f"{finding.help} with for: [{', '.join(items)}]"


def _short_of(finding: Finding, waivers: Iterable[Waiver]) -> Iterator[Waiver]:
    """The exceptions that are for a part of what stands: they are neither enough nor idle."""
    for each in waivers:
        if any(meets(item, subject) for item in each.approved for subject in finding.about):
            yield each


def _without_for(finding: Finding, waivers: Iterable[Waiver]) -> Iterator[Waiver]:
    if finding.about:
        yield from (each for each in waivers if not each.approved)


def exception_problems(
    organisation: Organisation, used: Iterable[Waiver], rules: Iterable[str], as_of: datetime
) -> tuple[Problem, ...]:
    """Exceptions from these guardrails that are past their end, left over, or not needed."""
    needed, judged = frozenset(used), frozenset(rules)
    entries = entries_of(organisation)
    return tuple(
        _idle(each, gone(each, organisation, entries), as_of)
        for each in organisation.waivers
        if each.rule in judged and each not in needed
    )


def _idle(waiver: Waiver, missing: str, as_of: datetime) -> Problem:
    if missing:
        return _left_over(waiver, missing)
    return _past(waiver) if waiver.until.passed(as_of) else _unneeded(waiver)


def _vague(waiver: Waiver, finding: Finding) -> Problem:
    kind = kind_of(finding.about[0])
    return Problem(
        at=waiver.at,
        id="exception-without-for",
        message=f"the exception from {waiver.rule} for {_whose(waiver)} does not hold what it is "
        "for, so that nothing passes by it",
        help=f"add for: with what was agreed, in the form for: [{{{kind}: ...}}]",
    )


def _unneeded_item(waiver: Waiver, item: Approved) -> Problem:
    return Problem(
        at=item.at,
        id="unneeded-exception",
        level=Level.WARNING,
        message=f"nothing needs {item} of the exception from {waiver.rule} for {_whose(waiver)} "
        "any more",
        help="remove it, so that it does not let the next mistake pass",
    )


def _left_over(waiver: Waiver, missing: str) -> Problem:
    return Problem(
        at=waiver.at,
        id="leftover-exception",
        level=Level.WARNING,
        message=f"the exception from {waiver.rule} for {_whose(waiver)} is left over: {missing}",
        help="remove it, or have what is meant approved; an approval moves to no other entry",
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
