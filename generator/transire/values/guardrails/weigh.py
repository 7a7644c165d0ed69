"""What the platform's levels and exceptions make of the findings of guardrails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from transire.model.guardrail import Finding
from transire.model.intent import Organisation
from transire.model.problems import Level, Problem
from transire.model.waiver import Approved, Waiver, Where
from transire.values.guardrails.approvals import granting, holds_some, meets
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.leftover import entries_of, gone
from transire.values.guardrails.needed import Needed, needed_for, together

_EXCEPTIONS = "values/exceptions.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The findings of one guardrail that stand, and the exceptions that took others away.

    `problems` also names exceptions that let nothing pass because they do not hold what they are
    for, and `unneeded` what no finding needs of those that let something pass.
    """

    problems: tuple[Problem, ...] = ()
    unneeded: tuple[Problem, ...] = ()
    used: frozenset[Waiver] = frozenset()


def weigh(
    rule: str, usual: Level, findings: Iterable[Finding], review: GuardrailContext
) -> Weighed:
    """What is left of a guardrail's findings.

    The platform's `guardrails` may change the level or turn the guardrail off. An exception takes
    away one team's entry until its end, and of that only what it is for.
    """
    levels = review.organisation.platform.guardrails.levels
    if rule in levels and levels[rule] is None:
        return Weighed()
    granted = _granted(rule, review)
    problems: list[Problem] = []
    used: dict[Waiver, list[Needed]] = {}
    standing: dict[Waiver, list[Needed]] = {}
    for finding in findings:
        waivers = granted.get((finding.team, finding.entry), ())
        needed = needed_for(finding, review) if waivers else Needed()
        passing = granting(needed, waivers)
        for each in passing or waivers:
            if passing or holds_some(each, needed.about):
                used.setdefault(each, []).append(needed)
        if not passing:
            level = levels.get(rule) or finding.level or usual
            problems.append(_standing(rule, level, finding, review))
            for each in waivers:
                standing.setdefault(each, []).append(needed)
    incomplete = {
        waiver: each for waiver in standing for each in _incomplete(waiver, standing[waiver])
    }
    return Weighed(
        problems=tuple(dict.fromkeys((*problems, *incomplete.values()))),
        unneeded=tuple(each for waiver in used for each in _unneeded_parts(waiver, used[waiver])),
        used=frozenset({*used, *incomplete}),
    )


def _granted(rule: str, review: GuardrailContext) -> Mapping[tuple[str, str], Sequence[Waiver]]:
    """The exceptions from the guardrail that have not ended, by team and entry."""
    found: defaultdict[tuple[str, str], list[Waiver]] = defaultdict(list)
    for waiver in review.organisation.waivers:
        if waiver.rule == rule and not waiver.until.passed(review.as_of):
            found[waiver.team, waiver.entry].append(waiver)
    return found


def _standing(rule: str, level: Level, finding: Finding, review: GuardrailContext) -> Problem:
    return Problem(
        at=finding.at,
        id=rule,
        level=level,
        message=finding.message,
        help=_remedy(finding, review),
        proposal=finding.proposal,
    )


def _remedy(finding: Finding, review: GuardrailContext) -> str:
    """The help; where it leads to an exception, with what that has to hold."""
    if not (finding.about and finding.help.endswith(_EXCEPTIONS)):
        return finding.help
    return f"{finding.help} with {needed_for(finding, review).written}"


def _incomplete(waiver: Waiver, needs: Sequence[Needed]) -> Iterator[Problem]:
    """What an exception has to hold, where it lets nothing pass because it does not."""
    needed = together(needs)
    missing = [
        *(["what"] if needed.about and not waiver.approved else []),
        *(["where"] if needed.places and not waiver.places else []),
    ]
    if missing:
        yield Problem(
            at=waiver.at,
            id="exception-without-for",
            message=f"the exception from {waiver.rule} for {_whose(waiver)} does not hold "
            f"{' and '.join(missing)} it is for, so that nothing passes by it",
            help=f"write what was agreed; all that is found has {needed.written}",
        )


def _unneeded_parts(waiver: Waiver, needs: Sequence[Needed]) -> Iterator[Problem]:
    """Items and places of an exception that no finding needs."""
    for item in waiver.approved:
        if not any(meets(item.subject, each) for needed in needs for each in needed.about):
            yield _unneeded_item(waiver, item)
    for place in waiver.places:
        if not any(place.has(each) for needed in needs for each in needed.places):
            yield _unneeded_item(waiver, place)


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


def _unneeded_item(waiver: Waiver, item: Approved | Where) -> Problem:
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
